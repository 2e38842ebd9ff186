using System.Text.Json;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Requests;

/// <summary>The top-level fields of a request, one row each. Null counts as absent.</summary>
internal static class CreateFields
{
    private static readonly string[] Truncations = ["auto", "disabled"];

    public static readonly FieldTable<CreateDraft> Table = new(
        ("model", static (ref json, draft) => draft.Request = draft.Request with { Model = json.OptionalName() }),
        ("input", ReadInput),
        ("instructions", static (ref json, draft) =>
            draft.Request = draft.Request with { Instructions = json.OptionalText(json.Limits.TextCharsMax) }),
        ("previous_response_id", static (ref json, draft) => draft.Request = draft.Request with { PreviousResponseId = ReadId(ref json) }),
        ("conversation", static (ref json, draft) => draft.HasConversation = IsThere(ref json)),
        ("store", static (ref json, draft) => draft.Request = draft.Request with { Store = json.OptionalBool() ?? true }),
        ("stream", ReadStream),
        ("background", static (ref json, draft) => Refuse(ref json, json.OptionalBool() ?? false)),
        ("tools", static (ref json, draft) =>
            draft.Request = draft.Request with { Tools = json.IsNull ? null : ToolReader.List(ref json) }),
        ("tool_choice", static (ref json, draft) => draft.Request = draft.Request with { ToolChoice = ToolChoiceReader.Read(ref json) }),
        ("parallel_tool_calls", static (ref json, draft) =>
            draft.Request = draft.Request with { ParallelToolCalls = json.OptionalBool() ?? true }),
        ("max_tool_calls", static (ref json, draft) => draft.Request = draft.Request with { MaxToolCalls = json.OptionalInt(min: 1) }),
        ("max_output_tokens", static (ref json, draft) =>
            draft.Request = draft.Request with { MaxOutputTokens = json.OptionalInt(json.Limits.OutputTokensMin) }),
        ("temperature", static (ref json, draft) => draft.Request = draft.Request with { Temperature = json.OptionalNumber(0, 2) }),
        ("top_p", static (ref json, draft) => draft.Request = draft.Request with { TopP = json.OptionalNumber(0, 1) }),
        ("min_p", static (ref json, draft) => draft.Request = draft.Request with { MinP = json.OptionalNumber(0, 1) }),
        ("top_k", static (ref json, draft) => draft.Request = draft.Request with { TopK = json.OptionalInt(min: 0) }),
        ("seed", static (ref json, draft) =>
            draft.Request = draft.Request with { Seed = json.OptionalInteger(long.MinValue, long.MaxValue) }),
        ("stop", static (ref json, draft) => draft.Request = draft.Request with { Stop = StopReader.Read(ref json) }),
        ("presence_penalty", static (ref json, draft) =>
            draft.Request = draft.Request with { PresencePenalty = json.OptionalNumber(-2, 2) }),
        ("frequency_penalty", static (ref json, draft) =>
            draft.Request = draft.Request with { FrequencyPenalty = json.OptionalNumber(-2, 2) }),
        ("top_logprobs", static (ref json, draft) => draft.Request = draft.Request with { TopLogprobs = json.OptionalInt(0, 20) }),
        ("reasoning", ReasoningReader.Read),
        ("text", TextReader.Read),
        ("include", static (ref json, draft) => draft.Request = draft.Request with { Include = IncludeReader.Read(ref json) }),
        ("truncation", static (ref json, draft) =>
            draft.Request = draft.Request with { TruncationAuto = json.OptionalWord(Truncations) == "auto" }),
        ("context_management", static (ref json, draft) => Refuse(ref json, IsThere(ref json))),
        ("metadata", static (ref json, draft) => draft.Request = draft.Request with { Metadata = MetadataReader.Read(ref json) }),
        ("prompt", static (ref json, draft) => Refuse(ref json, IsThere(ref json))),
        ("moderation", static (ref json, draft) => Refuse(ref json, IsThere(ref json))),
        ("multi_agent", static (ref json, draft) => Refuse(ref json, IsThere(ref json))),
        ("prompt_cache_key", static (ref json, draft) =>
            draft.Request = draft.Request with { PromptCacheKey = json.OptionalText(json.Limits.NameCharsMax) }),
        ("prompt_cache_options", CacheOptionsReader.Read),
        ("service_tier", static (ref json, draft) => draft.Request = draft.Request with { ServiceTier = json.OptionalName() }),
        ("safety_identifier", static (ref json, draft) =>
            draft.Request = draft.Request with { SafetyIdentifier = json.OptionalText(json.Limits.NameCharsMax) }),
        ("user", static (ref json, draft) => draft.Request = draft.Request with { User = json.OptionalText(json.Limits.NameCharsMax) }),
        ("generate", ReadGenerate),
        ("stream_id", ReadLane));

    /// <summary>A string is one user message.</summary>
    private static void ReadInput(ref JsonCursor json, CreateDraft draft)
    {
        if (json.IsNull) return;
        IReadOnlyList<Item> items = json.Token switch
        {
            JsonTokenType.String => [ItemWriter.UserText(json.Text(json.Limits.TextCharsMax))],
            JsonTokenType.StartArray => InputReader.Items(ref json),
            _ => throw json.WrongType("a string or an array"),
        };
        draft.Request = draft.Request with { Input = items, HasInput = true };
    }

    /// <summary>On a socket everything streams: what real clients say of it there is passed over.</summary>
    private static void ReadStream(ref JsonCursor json, CreateDraft draft)
    {
        if (draft.IsSocket) json.Skip();
        else draft.Request = draft.Request with { Stream = json.OptionalBool() ?? false };
    }

    private static void ReadGenerate(ref JsonCursor json, CreateDraft draft)
    {
        var isOn = json.OptionalBool() ?? true;
        if (!draft.IsSocket) Refuse(ref json, !isOn); // a warm-up over HTTP would look like an answer that is empty
        draft.Request = draft.Request with { Generate = isOn };
    }

    /// <summary>On HTTP a lane means nothing and is passed over: gateways forward frames as they are.</summary>
    private static void ReadLane(ref JsonCursor json, CreateDraft draft)
    {
        if (draft.IsSocket) draft.Request = draft.Request with { Lane = LaneReader.Read(ref json) };
        else json.Skip();
    }

    private static ResponseId? ReadId(ref JsonCursor json) => json.OptionalName() is { } id ? new ResponseId(id) : null;

    /// <summary>Passes over the value; false for null and for an empty array.</summary>
    private static bool IsThere(ref JsonCursor json)
    {
        if (json.IsNull) return false;
        return !json.Raw().Utf8.Span.SequenceEqual("[]"u8);
    }

    private static void Refuse(ref JsonCursor json, bool isAsked)
    {
        if (isAsked) throw json.Fail(UnsupportedParameter, json.Path);
    }
}
