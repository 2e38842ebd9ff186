using Microsoft.Extensions.Options;

namespace Samovar.Server.Auth;

[OptionsValidator]
internal sealed partial class AuthOptionsValidator : IValidateOptions<AuthOptions>;

/// <summary>Reads the key file at start, so that a broken one is reported before the first request.</summary>
internal sealed class KeyFileCheck : IValidateOptions<AuthOptions>
{
    public ValidateOptionsResult Validate(string? name, AuthOptions options)
    {
        if (options.KeyFile is not { Length: > 0 } path) return ValidateOptionsResult.Success;
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
