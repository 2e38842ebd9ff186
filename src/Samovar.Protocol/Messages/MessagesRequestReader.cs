using System.Text.Json;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Json;
using Samovar.Protocol.Translation;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Messages;

/// <summary>The body of <c>POST /v1/messages</c> → the create request that it means (docs/chat-and-messages.md).</summary>
/// <remarks>
/// The system prompt becomes system messages before all others, one for each block, as the upstream driver for Messages tells them.
/// Marks of the client's cache (<c>cache_control</c>) are passed over: they wander from turn to turn, and the items must not.
/// </remarks>
public static class MessagesRequestReader
{
    /// <summary>Throws <see cref="ApiException"/> with the offending field, as the client named it, as <c>Param</c>.</summary>
    public static TranslatedRequest Read(ReadOnlyMemory<byte> utf8, ProtocolLimits limits)
    {
        JsonInput.Check(utf8, limits);
        try
        {
            var json = new JsonCursor(utf8, limits);
            var draft = new MessagesDraft();
            ForeignFields.Read(ref json, MessagesFields.Table, draft, static (ref json, _, _) => json.Skip());
            return Build(draft, limits, utf8.Length);
        }
        catch (JsonException broken)
        {
            throw JsonInput.Explain(broken, utf8, limits);
        }
    }

    private static TranslatedRequest Build(MessagesDraft draft, ProtocolLimits limits, int bytes)
    {
        if (!draft.HasMessages) throw new ApiException(MissingParameter, "messages", "messages");
        if (draft.Request.ItemsCount == 0) throw new ApiException(EmptyArray, "messages", "messages");
        draft.Request.Precede(draft.System);
        if ((draft.ThinkingEffort == ThinkingReader.Off ? ThinkingReader.Off : draft.Effort ?? draft.ThinkingEffort) is { } effort)
            draft.Request.Set("reasoning", RawJson.Of($$"""{"effort":"{{effort}}"}"""));
        draft.Request.Set("store", RawJson.Of("false"));
        var (request, places) = draft.Request.Build(MessagesFields.Names, limits, bytes, outputTokensMin: 0); // 0 only warms
        return new TranslatedRequest(request, places, new MessagesAnswer());
    }
}
