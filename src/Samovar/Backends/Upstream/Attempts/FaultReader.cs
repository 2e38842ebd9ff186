using System.Globalization;
using Samovar.Backends.Upstream.Json;
using Samovar.Protocol.Json;

namespace Samovar.Backends.Upstream.Attempts;

/// <summary>Reads the many shapes of an upstream's error into one fault.</summary>
internal static class FaultReader
{
    private const int MessageLengthMax = 2000;

    /// <param name="error">The error object, or the whole body or frame around it.</param>
    /// <param name="status">From the status line or the envelope; 0 where there is none.</param>
    public static UpstreamFault Read(RawJson error, int status, TimeSpan? retryAfter = null)
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
            Type = type, Param = param, RetryAfter = retryAfter ?? RetryAfterOf(error, body),
        };
    }

    /// <summary>An error frame or event: the status may stand in the envelope.</summary>
    public static UpstreamFault ReadEvent(RawJson json) =>
        Read(json, json.Number("status"u8) ?? json.Number("status_code"u8) ?? 0);

    /// <summary><c>response.error</c> of a <c>response.failed</c>.</summary>
    public static UpstreamFault ReadFailed(RawJson response) => Read(response.Field("error"u8), 0);

    /// <summary>Reads <c>retry-after</c>: seconds.</summary>
    public static TimeSpan? RetryAfter(string? header) =>
        double.TryParse(header, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and < 1e6
            ? TimeSpan.FromSeconds(seconds) : null;

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

    private static TimeSpan? RetryAfterOf(RawJson envelope, RawJson error)
    {
        var headers = envelope.Field("headers"u8);
        if (headers.IsEmpty) headers = error.Field("headers"u8);
        var value = headers.Field("retry-after"u8);
        return value.IsEmpty ? null : RetryAfter(value.AsText() ?? value.ToString());
    }
}
