using Samovar.Protocol.Events;
using Samovar.Protocol.Responses;

namespace Samovar.Client.Errors;

/// <summary>What servers and links say went wrong → the one exception.</summary>
internal static class Faults
{
    /// <summary>The code of a request that is longer than may be sent, or than the server takes.</summary>
    public const string RequestTooLarge = "request_too_large";

    /// <param name="isForeign">Whether it was no error of the API.</param>
    public static ResponsesException Of(
        EventError error, int? httpStatus = null, string? responseId = null, bool isFinal = false, bool isForeign = false)
    {
        var status = error.Status ?? httpStatus;
        return new ResponsesException(KindOf(error.Code, error.Type, status), error.Message is { Length: > 0 } said ? said : "The server"
            + $" refused the request{(status is { } number ? $" with status {number}" : "")}.")
        {
            Code = error.Code,
            Param = error.Param,
            Status = status,
            RetryAfter = error.RetryAfter is { } wait && wait < TimeSpan.Zero ? TimeSpan.Zero : error.RetryAfter, // a date that is past
            ResponseId = responseId,
            IsFinal = isFinal,
            IsForeign = isForeign,
            IsParentLost = IsParentLost(error, status),
            IsLaneRefused = error.Param == "stream_id"
                || error.Code is "invalid_stream_id" or "websocket_stream_limit_reached" or "response_already_in_flight",
        };
    }

    public static ResponsesException Of(ResponseView failed) => new(
        ResponsesErrorKind.Failed, failed.Error?.Message ?? $"The response ended as {failed.Status}.")
    {
        Code = failed.Error?.Code,
        ResponseId = failed.Id?.Value,
    };

    /// <summary>The chain is not there: the same turn with everything said so far will do. Some servers know no chains at all.</summary>
    private static bool IsParentLost(EventError error, int? status) =>
        error.Code == "previous_response_not_found"
        || error is { Param: "previous_response_id", Code: not "mutually_exclusive_parameters" } && status is null or 400 or 404 or 501;

    /// <summary>The same of servers that say it in other words, or have no word for it: what they were asked to go on from is not there, or
    /// they never go on from anything.</summary>
    /// <param name="parentId">What the request named.</param>
    public static bool IsParentLost(ResponsesException refused, string? parentId) => refused.IsParentLost || parentId is not null
        && refused is { Kind: ResponsesErrorKind.InvalidRequest or ResponsesErrorKind.NotFound or ResponsesErrorKind.Server,
            Code: not ("mutually_exclusive_parameters" or "model_not_found") }
        && (refused.Kind == ResponsesErrorKind.NotFound || refused.Message.Contains("previous_response_id", StringComparison.Ordinal)
            || refused.Message.Contains(parentId, StringComparison.Ordinal));

    /// <summary>Whether a refusal of what goes on from a response may be one of all such requests. A page, or nothing, is no word of the
    /// server's.</summary>
    public static bool SaysNoChains(ResponsesException refused) =>
        refused is { IsForeign: false, Code: not "previous_response_not_found" };

    private static ResponsesErrorKind KindOf(string? code, string? type, int? status) => (code, type, status) switch
    {
        ("rate_limit_exceeded" or "slow_down" or "usage_limit_reached" or "insufficient_quota", _, _) => ResponsesErrorKind.RateLimited,
        ("server_is_overloaded" or "server_is_stopping" or "model_loading", _, _) => ResponsesErrorKind.Unavailable,
        (_, _, 401 or 403 or 407) => ResponsesErrorKind.Authentication,
        (_, _, 404) => ResponsesErrorKind.NotFound,
        (_, _, 413) => ResponsesErrorKind.TooLarge,
        (_, _, 429) => ResponsesErrorKind.RateLimited,
        (_, _, 408 or 502 or 503 or 504) => ResponsesErrorKind.Unavailable,
        (_, _, >= 500) => ResponsesErrorKind.Server,
        (_, _, >= 400) => ResponsesErrorKind.InvalidRequest,
        (_, "server_error" or "service_unavailable_error", _) => ResponsesErrorKind.Server,
        (_, "rate_limit_error", _) => ResponsesErrorKind.RateLimited,
        (_, "authentication_error" or "permission_error", _) => ResponsesErrorKind.Authentication,
        _ => ResponsesErrorKind.InvalidRequest,
    };
}
