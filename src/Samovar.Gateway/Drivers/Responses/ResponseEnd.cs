using Samovar.Backends;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>How a response ended, from its terminal event's type, its status and its details, which do not always agree.</summary>
internal static class ResponseEnd
{
    /// <summary>The reason of an incomplete response; null for a complete one.</summary>
    /// <param name="terminal">The event; some have beside the response what belongs inside.</param>
    /// <exception cref="UpstreamException">It failed, or nobody knows how it ended.</exception>
    public static string? IncompleteReason(string type, RawJson response, RawJson terminal, DateTimeOffset now)
    {
        var status = response.Text("status"u8);
        if (type == "response.failed" || status == "failed") throw Failed(response, terminal, status, now);
        if (type == "response.cancelled") throw FinishReasons.Fault(status ?? "cancelled");
        var reason = response.Field("incomplete_details"u8).Text("reason"u8);
        if (type == "response.incomplete" || status == "incomplete") return Reason(reason);
        if (type == "response.completed" && status is "in_progress" or "queued") return Cut(reason); // the snapshot of the beginning
        return FinishReasons.Of(status) switch
        {
            null or AnswerEnd.Complete => Cut(reason),
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

    /// <summary>Why an answer that is called complete was cut off; null where nothing says so.</summary>
    private static string? Cut(string? reason) => FinishReasons.Of(reason) is { } end ? FinishReasons.IncompleteReason(end) : null;

    private static UpstreamException Failed(RawJson response, RawJson terminal, string? status, DateTimeOffset now)
    {
        var said = response.Field("error"u8).IsSet() ? response : terminal;
        return said.Field("error"u8).IsSet() ? new UpstreamException(FaultReader.ReadFailed(said, now))
            : FinishReasons.Fault(status ?? "failed");
    }
}
