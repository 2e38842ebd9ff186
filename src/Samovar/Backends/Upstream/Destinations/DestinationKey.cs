namespace Samovar.Backends.Upstream.Destinations;

/// <summary>A destination's key. It goes into one header and nowhere else: not into logs, not into errors, not into <see cref="ToString"/>.</summary>
internal sealed class DestinationKey
{
    private readonly string _header;
    private readonly string _value;

    private DestinationKey(string header, string value) => (_header, _value) = (header, value);

    /// <summary>Reads the key from where the options say it is. Null where none is configured.</summary>
    /// <exception cref="InvalidOperationException">It is not there.</exception>
    public static DestinationKey? Read(DestinationOptions options, Dialect dialect, Func<string, string?> environment)
    {
        var value = options switch
        {
            { KeyEnvironment: { } name } => environment(name) is { Length: > 0 } found
                ? found : throw new InvalidOperationException($"Destination '{options.Name}': the environment has no variable '{name}'."),
            { KeyFile: { } file } => File.Exists(file)
                ? File.ReadAllText(file).Trim() : throw new InvalidOperationException($"Destination '{options.Name}': there is no key file '{file}'."),
            _ => null,
        };
        if (value is null) return null;
        var header = options.KeyHeader ?? dialect.KeyHeader;
        return header is null ? new DestinationKey("Authorization", "Bearer " + value) : new DestinationKey(header, value);
    }

    public void Write(Action<string, string> header) => header(_header, _value);

    public override string ToString() => "(key)";
}
