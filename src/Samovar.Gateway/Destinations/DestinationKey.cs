using System.Security.Cryptography;
using System.Text;

namespace Samovar.Gateway.Destinations;

/// <summary>
/// A destination's key. It goes into one header and nowhere else: not into logs, not into errors, not into <see cref="ToString"/>.
/// </summary>
internal sealed class DestinationKey
{
    private const int LengthMax = 16 << 10;
    private readonly string _header;
    private readonly string _value;

    private DestinationKey(string header, string value) => (_header, _value) = (header, value);

    /// <summary>Reads the key from where the options say it is. Null where none is configured.</summary>
    /// <exception cref="InvalidOperationException">It is not there, or no header can carry it.</exception>
    public static DestinationKey? Read(DestinationOptions options, Dialect dialect, Func<string, string?> environment)
    {
        var (value, fault) = Look(options, environment);
        if (fault is not null) throw new InvalidOperationException(fault);
        return value is null ? null : Of(value, options, dialect);
    }

    /// <summary>A key that a client sent, as the destination takes keys.</summary>
    public static DestinationKey Of(string value, DestinationOptions options, Dialect dialect)
    {
        var header = options.KeyHeader ?? dialect.KeyHeader;
        return header is null ? new DestinationKey("Authorization", "Bearer " + value) : new DestinationKey(header, value);
    }

    /// <summary>Says which key is not where the options say it is, or can be no key; null where all is well.</summary>
    public static string? Missing(DestinationOptions options, Func<string, string?> environment) => Look(options, environment).Fault;

    /// <summary>The key, or why it cannot be used, without anything of its content; neither where none is configured.</summary>
    private static (string? Value, string? Fault) Look(DestinationOptions options, Func<string, string?> environment)
    {
        var at = $"Destination '{options.Name}':";
        if (options.KeyEnvironment is { } name)
            return string.IsNullOrEmpty(environment(name)) ? (null, $"{at} the environment has no variable '{name}'.")
                : Checked(environment(name)!, $"{at} the variable '{name}'", options);
        if (options.KeyFile is not { } file) return (null, null);
        if (!File.Exists(file)) return (null, $"{at} there is no key file '{file}'.");
        try { return Checked(Content(file), $"{at} the key file '{file}'", options); }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (null, $"{at} the key file '{file}' cannot be read.");
        }
    }

    /// <summary>The file, as far as it is longer than any key by no more than one character.</summary>
    private static string Content(string file)
    {
        using var reader = new StreamReader(file);
        var content = new char[LengthMax + 1];
        return new string(content, 0, reader.ReadBlock(content));
    }

    private static (string? Value, string? Fault) Checked(string content, string where, DestinationOptions options) => content.Trim() switch
    {
        _ when content.Length > LengthMax => (null, $"{where} is longer than {LengthMax} characters."),
        "" => (null, $"{where} is blank."),
        // What stands in a header of its own may be more than a key: Basic and words.
        var value when value.AsSpan().ContainsAnyExceptInRange(options.KeyHeader is null ? '!' : ' ', '~') =>
            (null, $"{where} holds a character that no key has."),
        var value => (value, null),
    };

    /// <summary>The setting that says where the key is.</summary>
    public static string SettingOf(DestinationOptions options) =>
        options.KeyEnvironment is not null ? nameof(options.KeyEnvironment) : nameof(options.KeyFile);

    /// <summary>The same for the same key; the key itself cannot be read out of it.</summary>
    public string Digest => field ??= Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(_value)));

    public void Write(Action<string, string> header) => header(_header, _value);

    public override string ToString() => "(key)";
}
