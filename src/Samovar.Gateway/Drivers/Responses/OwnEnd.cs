using Samovar.Backends;
using Samovar.Gateway.Faults;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>What another Samovar says of an answer's end, beyond the public API.</summary>
internal static class OwnEnd
{
    /// <summary>The same end with the text that ended the answer, the word for it, and what the model was not shown.</summary>
    public static BackendEvent.Finished Of(BackendEvent.Finished end, RawJson response) => end with
    {
        StopSequence = response.Text("stop_sequence"u8),
        StopReason = FinishReasons.OfMessages(response.Text("stop_reason"u8)),
        AppliedEdits = response.Field("applied_edits"u8) is { IsArray: true } edits ? edits.Copied() : default,
        MessagesEnd = EndFields.With(default, response.Field("messages_end"u8)),
    };
}
