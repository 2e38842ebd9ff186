using Microsoft.Extensions.Options;

namespace Samovar.Server.Auth;

[OptionsValidator]
internal sealed partial class AuthOptionsValidator : IValidateOptions<AuthOptions>;

/// <summary>An origin that is not written as browsers send it would never be met.</summary>
internal sealed class OriginCheck : IValidateOptions<AuthOptions>
{
    public ValidateOptionsResult Validate(string? name, AuthOptions options)
    {
        var wrong = options.AllowedOrigins.Where(origin => !IsOrigin(origin)).ToList();
        return wrong.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(wrong.Select(origin =>
                $"Auth:AllowedOrigins: '{origin}' is not an origin as browsers send it, such as 'https://app.example' or " +
                "'http://host:3000': scheme and host, a port only where it is not the scheme's own, and nothing behind it."));
    }

    private static bool IsOrigin(string origin) =>
        origin == "null" || (Uri.TryCreate(origin, UriKind.Absolute, out var page) && page.UserInfo.Length == 0
            && string.Equals(page.GetLeftPart(UriPartial.Authority), origin, StringComparison.OrdinalIgnoreCase));
}

/// <summary>A key file says itself who is an operator, and without keys everybody is.</summary>
internal sealed class OperatorKeyCheck : IValidateOptions<AuthOptions>
{
    public ValidateOptionsResult Validate(string? name, AuthOptions options) => options.OperatorKeyHash is null || options.PassKeysOn
        ? ValidateOptionsResult.Success
        : ValidateOptionsResult.Fail("Auth:OperatorKeyHash is for a server that passes keys on (Auth:PassKeysOn): "
            + "a key file names its operators, and where no keys are needed everybody is one.");
}

/// <summary>A host that is not written as requests name it would never be met.</summary>
internal sealed class HostCheck : IValidateOptions<AuthOptions>
{
    public ValidateOptionsResult Validate(string? name, AuthOptions options)
    {
        var wrong = options.AllowedHosts.Where(host => Uri.CheckHostName(host) == UriHostNameType.Unknown || host.StartsWith('.')).ToList();
        return wrong.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(wrong.Select(host =>
                $"Auth:AllowedHosts: '{host}' is not a host's name such as 'samovar.example', without scheme, port and path."));
    }
}

/// <summary>Reads the key file at start, so that a broken one is reported before the first request.</summary>
internal sealed class KeyFileCheck : IValidateOptions<AuthOptions>
{
    public ValidateOptionsResult Validate(string? name, AuthOptions options)
    {
        if (options.KeyFile is not { Length: > 0 } path) return ValidateOptionsResult.Success;
        if (options.PassKeysOn) return ValidateOptionsResult.Fail("Auth:PassKeysOn lets every key in: it does not go with Auth:KeyFile.");
        try
        {
            KeyTable.Read(KeyFile.Read(path, options.KeyFileBytesMax), options.KeysMax);
            return ValidateOptionsResult.Success;
        }
        catch (Exception exception) when (exception is FormatException or IOException or UnauthorizedAccessException)
        {
            return ValidateOptionsResult.Fail($"Auth:KeyFile {path} cannot be used: {exception.Message}");
        }
    }
}
