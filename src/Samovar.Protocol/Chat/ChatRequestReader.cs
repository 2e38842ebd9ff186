using System.Globalization;
using System.Text.Json;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Json;
using Samovar.Protocol.Translation;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Chat;

/// <summary>The body of <c>POST /v1/chat/completions</c> → the create request that it means (docs/chat-and-messages.md).</summary>
/// <remarks>
/// Every message becomes items, system and developer messages too: the upstream driver for chat writes instructions as such a message, and
/// what went out must come in as the same items. Settings of the same name are handed on as they are; fields that only engines know stay,
/// for upstreams that know them.
/// </remarks>
public static class ChatRequestReader
{
    /// <summary>Throws <see cref="ApiException"/> with the offending field, as the client named it, as <c>Param</c>.</summary>
    public static TranslatedRequest Read(ReadOnlyMemory<byte> utf8, ProtocolLimits limits)
    {
        utf8 = JsonInput.Accept(utf8, limits);
        try
        {
            var json = new JsonCursor(utf8, limits);
            var draft = new ChatDraft();
            ForeignFields.Read(ref json, ChatFields.Table, draft, ChatFields.Unknown);
            return Build(draft, limits, utf8.Length);
        }
        catch (JsonException broken)
        {
            throw JsonInput.Explain(broken, utf8, limits);
        }
    }

    private static TranslatedRequest Build(ChatDraft draft, ProtocolLimits limits, int bytes)
    {
        if (!draft.HasMessages) throw new ApiException(MissingParameter, "messages", "messages");
        if (draft.Request.ItemsCount == 0) throw new ApiException(EmptyArray, "messages", "messages");
        if (draft.OutputLimit is { IsEmpty: false } limit) draft.Request.Set("max_output_tokens", limit);
        if ((draft.Effort ?? draft.RoutersEffort) is { } effort)
            draft.Request.Set("reasoning", RawJson.Of($$"""{"effort":"{{effort}}"}"""));
        if (draft.TopLogprobs is { } top) SetTopLogprobs(draft, top);
        if (draft.WantsLogprobs) draft.Request.Set("include", RawJson.Of("""["message.output_text.logprobs"]"""));
        if (!draft.Format.IsEmpty || !draft.Verbosity.IsEmpty) draft.Request.Set("text", Text(draft));
        draft.Request.SetUnlessSaid("store", RawJson.Of("false")); // as the public service has it
        var (request, places) = draft.Request.Build(ChatWords.For(draft.OutputLimitName), limits, bytes);
        if (draft.HasStreamOptions && !request.Stream)
            throw new ApiException(NeedsAnother, ["stream_options", "stream"], "stream_options");
        return new TranslatedRequest(request, places, new ChatAnswer(draft.IncludesUsage));
    }

    private static void SetTopLogprobs(ChatDraft draft, int top)
    {
        if (top > 0 && !draft.WantsLogprobs) throw new ApiException(NeedsAnother, ["top_logprobs", "logprobs"], "top_logprobs");
        draft.Request.Set("top_logprobs", RawJson.Of(top.ToString(CultureInfo.InvariantCulture)));
    }

    private static RawJson Text(ChatDraft draft) => new(JsonBuffer.Bytes(draft, static (writer, draft) =>
    {
        writer.WriteStartObject();
        if (!draft.Format.IsEmpty)
        {
            writer.WritePropertyName("format"u8);
            draft.Format.WriteTo(writer);
        }
        if (!draft.Verbosity.IsEmpty)
        {
            writer.WritePropertyName("verbosity"u8);
            draft.Verbosity.WriteTo(writer);
        }
        writer.WriteEndObject();
    }));
}
