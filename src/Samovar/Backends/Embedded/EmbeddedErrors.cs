using Samovar.Protocol.Errors;

namespace Samovar.Backends.Embedded;

/// <summary>What a model in the box refuses, in the words of the catalogue.</summary>
internal static class EmbeddedErrors
{
    public static readonly ErrorKind UnsupportedValue =
        new("unsupported_value", "invalid_request_error", 400, Retryable: false, "{0}");

    public static ApiException Unsupported(string why, string param) => new(UnsupportedValue, why, param);
}
