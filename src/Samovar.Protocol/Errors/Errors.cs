namespace Samovar.Protocol.Errors;

/// <summary>One row of the error catalogue.</summary>
/// <param name="Code">What clients match on.</param>
/// <param name="Type">The error's family on the wire.</param>
/// <param name="Status">HTTP status, and <c>status</c> of the WebSocket envelope.</param>
/// <param name="Retryable">Whether the same request may succeed later.</param>
/// <param name="Message">Text with <c>{0}</c> … places.</param>
public sealed record ErrorKind(string Code, string Type, int Status, bool Retryable, string Message);

/// <summary>The one exception that becomes an error on the wire.</summary>
public sealed class ApiException(ErrorKind kind, object?[] arguments, string? param = null, TimeSpan? retryAfter = null, Exception? cause = null)
    : Exception(Text(kind, arguments), cause)
{
    public ApiException(ErrorKind kind, object? argument, string? param = null, TimeSpan? retryAfter = null, Exception? cause = null)
        : this(kind, [argument], param, retryAfter, cause) { }

    public ApiException(ErrorKind kind) : this(kind, Array.Empty<object?>()) { }

    public ErrorKind Kind { get; } = kind;

    /// <summary>The offending field, with dots and <c>[n]</c>: <c>input[0].content[1].text</c>.</summary>
    public string? Param { get; } = param;
    public TimeSpan? RetryAfter { get; } = retryAfter;

    private static string Text(ErrorKind kind, object?[] arguments) =>
        string.Format(System.Globalization.CultureInfo.InvariantCulture, kind.Message, arguments);
}

/// <summary>Every error there is; docs/errors.md is generated from it.</summary>
public static class Errors
{
    public static readonly ErrorKind PreviousResponseNotFound = new("previous_response_not_found", "invalid_request_error", 400, Retryable: false, "Previous response with id '{0}' not found.");
    public static readonly ErrorKind ResponseNotFound = new("response_not_found", "invalid_request_error", 404, Retryable: false, "Response with id '{0}' not found.");
    public static readonly ErrorKind ModelNotFound = new("model_not_found", "invalid_request_error", 404, Retryable: false, "The requested model '{0}' does not exist.");
    public static readonly ErrorKind ContextLengthExceeded = new("context_length_exceeded", "invalid_request_error", 400, Retryable: false, "This request needs {0} tokens, but the context holds {1}.");
    public static readonly ErrorKind ServerOverloaded = new("server_is_overloaded", "service_unavailable_error", 503, Retryable: true, "The server is overloaded; try again in {0} s.");
    public static readonly ErrorKind RateLimited = new("rate_limit_exceeded", "rate_limit_error", 429, Retryable: true, "Too many requests are waiting; try again in {0} s.");
    public static readonly ErrorKind Internal = new("server_error", "server_error", 500, Retryable: true, "The server had an error while processing the request.");
}
