using System.Text;
using Samovar.Gateway.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Faults;

/// <summary>Reads the many shapes of an upstream's error into one fault.</summary>
internal static class FaultReader
{
    private const int MessageLengthMax = 2000;

    /// <param name="error">The error object, or the whole body or frame around it.</param>
    /// <param name="status">From the status line or the envelope; 0 if unknown.</param>
    /// <param name="retryAfter">What the headers ask for, where the answer has any.</param>
    public static UpstreamFault Read(RawJson error, int status, DateTimeOffset now, TimeSpan? retryAfter = null)
    {
        var inner = error.Field("error"u8);
        var body = inner.IsSet() && inner.AsText() is null ? inner : error;
        var message = body.Text("message"u8) ?? inner.AsText() ?? error.Text("detail"u8) ?? error.AsText() ?? $"HTTP {status}";
        var code = body.Text("code"u8);
        var type = body.Text("type"u8);
        var param = body.Text("param"u8);
        if (message.Length > MessageLengthMax) message = message[..MessageLengthMax];
        return new UpstreamFault(KindOf(status, code ?? type, param, message), message, code, status)
        {
            Type = type, Param = param, RetryAfter = retryAfter ?? RetryAfterOf(error, body, now),
        };
    }

    /// <summary>An error frame or event: the status may be in the envelope.</summary>
    public static UpstreamFault ReadEvent(RawJson json, DateTimeOffset now) =>
        Read(json, json.Number("status"u8) ?? json.Number("status_code"u8) ?? 0, now);

    /// <summary><c>response.error</c> of a <c>response.failed</c>.</summary>
    public static UpstreamFault ReadFailed(RawJson response, DateTimeOffset now) => Read(response.Field("error"u8), 0, now);

    private static FaultKind KindOf(int status, string? code, string? param, string message) => code switch
    {
        "previous_response_not_found" => FaultKind.ParentLost,
        "websocket_connection_limit_reached" => FaultKind.ConnectionLimit,
        "rate_limit_exceeded" or "slow_down" or "rate_limit_error" or "insufficient_quota" or "usage_limit_reached" =>
            FaultKind.RateLimited,
        "server_error" or "server_is_overloaded" or "overloaded_error" or "api_error" or "internal_server_error" or "timeout_error" =>
            FaultKind.Server,
        "authentication_error" or "permission_error" or "invalid_api_key" or "invalid_token" => FaultKind.Unauthorized,
        _ when IsAboutParent(param, message) => FaultKind.ParentLost,
        _ => status switch
        {
            429 => FaultKind.RateLimited,
            401 or 403 => FaultKind.Unauthorized,
            408 or >= 500 => FaultKind.Server,
            _ => FaultKind.Refused,
        },
    };

    /// <summary>Engines say it in words of their own.</summary>
    private static bool IsAboutParent(string? param, string message) =>
        (param == "previous_response_id" || message.Contains("revious response", StringComparison.Ordinal)
            || message.Contains("previous_response_id", StringComparison.Ordinal))
        && (message.Contains("not found", StringComparison.OrdinalIgnoreCase)
            || message.StartsWith("Invalid `previous", StringComparison.Ordinal));

    /// <summary>From the headers that a WebSocket's error frame brings along, or from the error itself.</summary>
    private static TimeSpan? RetryAfterOf(RawJson envelope, RawJson error, DateTimeOffset now)
    {
        var headers = envelope.Field("headers"u8);
        if (headers.IsEmpty) headers = error.Field("headers"u8);
        return RetryAfter.Of(name => Value(headers, name), now)
            ?? (error.Number("resets_in_seconds"u8) is >= 0 and var seconds ? TimeSpan.FromSeconds(seconds) : null);
    }

    private static string? Value(RawJson headers, string name) =>
        headers.Field(Encoding.UTF8.GetBytes(name)) is { IsEmpty: false } value ? value.AsText() ?? value.ToString() : null;
}
