using System.Security.Cryptography;
using System.Text;

namespace Samovar.Gateway.Destinations;

/// <summary>
/// A destination's key. It goes into one header and nowhere else: not into logs, not into errors, not into <see cref="ToString"/>.
/// </summary>
internal sealed class DestinationKey
{
    private readonly string _header;
    private readonly string _value;

    private DestinationKey(string header, string value) => (_header, _value) = (header, value);

    /// <summary>Reads the key from where the options say it is. Null where none is configured.</summary>
    /// <exception cref="InvalidOperationException">It is not there.</exception>
    public static DestinationKey? Read(DestinationOptions options, Dialect dialect, Func<string, string?> environment)
    {
        if (Missing(options, environment) is { } missing) throw new InvalidOperationException(missing);
        var value = options.KeyEnvironment is { } name ? environment(name) : options.KeyFile is { } file ? File.ReadAllText(file).Trim()
            : null;
        return value is null ? null : Of(value, options, dialect);
    }

    /// <summary>A key that a client sent, as the destination takes keys.</summary>
    public static DestinationKey Of(string value, DestinationOptions options, Dialect dialect)
    {
        var header = options.KeyHeader ?? dialect.KeyHeader;
        return header is null ? new DestinationKey("Authorization", "Bearer " + value) : new DestinationKey(header, value);
    }

    /// <summary>Says which key is not where the options say it is; null where all is well.</summary>
    public static string? Missing(DestinationOptions options, Func<string, string?> environment) => options switch
    {
        { KeyEnvironment: { } name } when string.IsNullOrEmpty(environment(name)) =>
            $"Destination '{options.Name}': the environment has no variable '{name}'.",
        { KeyFile: { } file } when !File.Exists(file) => $"Destination '{options.Name}': there is no key file '{file}'.",
        _ => null,
    };

    /// <summary>The setting that says where the key is.</summary>
    public static string SettingOf(DestinationOptions options) =>
        options.KeyEnvironment is not null ? nameof(options.KeyEnvironment) : nameof(options.KeyFile);

    /// <summary>The same for the same key; the key itself cannot be read out of it.</summary>
    public string Digest => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(_value)));

    public void Write(Action<string, string> header) => header(_header, _value);

    public override string ToString() => "(key)";
}
