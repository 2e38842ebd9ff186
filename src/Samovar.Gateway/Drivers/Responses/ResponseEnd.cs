using Samovar.Backends;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>How a response ended, from its terminal event's type, its status and its details, which do not always agree.</summary>
internal static class ResponseEnd
{
    /// <summary>The reason of an incomplete response; null for a complete one.</summary>
    /// <exception cref="UpstreamException">It failed, or nobody knows how it ended.</exception>
    public static string? IncompleteReason(string type, RawJson response, DateTimeOffset now)
    {
        var status = response.Text("status"u8);
        if (type == "response.failed" || status == "failed") throw Failed(response, status, now);
        if (type == "response.cancelled") throw FinishReasons.Fault(status ?? "cancelled");
        if (type == "response.incomplete" || status == "incomplete") return Reason(response.Field("incomplete_details"u8).Text("reason"u8));
        if (type == "response.completed" && status is "in_progress" or "queued") return null; // the snapshot of the beginning
        return FinishReasons.Of(status) switch
        {
            null or AnswerEnd.Complete => null,
            AnswerEnd.Broken => throw FinishReasons.Fault(status!),
            var end => FinishReasons.IncompleteReason(end.Value),
        };
    }

    /// <summary>Known words become those of the protocol, others stay: that the response is incomplete was said.</summary>
    private static string Reason(string? reason) => FinishReasons.Of(reason) switch
    {
        _ when reason == BackendEvent.Steered => reason,
        AnswerEnd.Broken => reason!,
        null or AnswerEnd.Complete => FinishReasons.IncompleteReason(AnswerEnd.CutByLimit)!,
        var end => FinishReasons.IncompleteReason(end.Value)!,
    };

    private static UpstreamException Failed(RawJson response, string? status, DateTimeOffset now) =>
        response.Field("error"u8).IsSet() ? new UpstreamException(FaultReader.ReadFailed(response, now))
            : FinishReasons.Fault(status ?? "failed");
}
