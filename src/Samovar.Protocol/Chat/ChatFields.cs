using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Translation;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Chat;

/// <summary>The top-level fields of a chat request that mean something else here than in a create request, one row each.</summary>
internal static class ChatFields
{
    /// <summary>Fields that mean the same in both protocols.</summary>
    private static readonly HashSet<string> Same = new(StringComparer.Ordinal)
    {
        "model", "stream", "store", "metadata", "temperature", "top_p", "top_k", "min_p", "seed", "stop", "chat_template_kwargs",
        "presence_penalty", "frequency_penalty", "logit_bias", "parallel_tool_calls", "prompt_cache_key", "prompt_cache_options",
        "prompt_cache_retention", "service_tier", "safety_identifier", "user",
    };

    private static readonly FieldTable<ChatDraft> StreamOptions = new(
        ("include_usage", static (ref json, draft) => draft.IncludesUsage = Forms.Flag.Read(ref json) ?? false),
        ("include_obfuscation", static (ref json, draft) => Forms.Off.Check(ref json)));

    public static readonly FieldTable<ChatDraft> Table = new(
        ("messages", static (ref json, draft) =>
        {
            draft.HasMessages = true;
            ChatMessageReader.Read(ref json, draft.Request);
        }),
        ("tools", static (ref json, draft) =>
        {
            if (!json.IsNull) draft.Request.Set("tools", ChatToolReader.Tools(ref json));
        }),
        ("tool_choice", static (ref json, draft) =>
        {
            if (!json.IsNull) draft.Request.Set("tool_choice", ChatChoiceReader.Read(ref json));
        }),
        ("response_format", static (ref json, draft) => draft.Format = ChatFormatReader.Read(ref json)),
        ("max_completion_tokens", static (ref json, draft) => ReadLimit(ref json, draft, ChatWords.NewerLimit, isNewer: true)),
        ("max_tokens", static (ref json, draft) => ReadLimit(ref json, draft, ChatWords.OlderLimit, isNewer: false)),
        ("n", static (ref json, draft) => Forms.One.Check(ref json)),
        ("logprobs", static (ref json, draft) => draft.WantsLogprobs = Forms.Flag.Read(ref json) ?? false),
        ("top_logprobs", static (ref json, draft) => draft.TopLogprobs = Forms.TopLogprobs.ReadInt(ref json)),
        ("reasoning_effort", static (ref json, draft) => draft.Effort = Forms.Effort.Read(ref json)),
        ("reasoning", static (ref json, draft) => draft.RoutersEffort = ChatReasoningReader.Read(ref json)),
        ("verbosity", static (ref json, draft) => draft.Verbosity = Forms.Verbosity.Read(ref json) is null ? default : json.Raw()),
        ("stream_options", static (ref json, draft) =>
        {
            if (json.IsNull) return;
            draft.HasStreamOptions = true;
            json.Object(StreamOptions, draft);
        }),
        ("modalities", static (ref json, draft) => Forms.Modalities.Check(ref json)),
        ("prediction", ReadPrediction),
        ("web_search_options", ReadSearch),
        ("moderation", static (ref json, draft) => Forms.Refused.Check(ref json)),
        ("audio", static (ref json, draft) => Forms.Refused.Check(ref json)),
        ("functions", static (ref json, draft) => Forms.Refused.Check(ref json)),
        ("function_call", static (ref json, draft) => Forms.Refused.Check(ref json)));

    /// <summary>
    /// A field without a row: handed on where it means the same, passed over where it means something only in a create request, and kept
    /// for upstreams where it is known to neither.
    /// </summary>
    public static void Unknown(ref JsonCursor json, string name, ChatDraft draft)
    {
        var isOurs = CreateFields.Table.Find(System.Text.Encoding.UTF8.GetBytes(name)) is not null;
        if (isOurs && !Same.Contains(name)) json.Skip();
        else if (draft.Request.Has(name)) throw json.Fail(DuplicateParameter, json.Path);
        else draft.Request.Set(name, json.Raw());
    }

    /// <summary>The newer of the two names for it counts, and both are checked.</summary>
    private static void ReadLimit(ref JsonCursor json, ChatDraft draft, string name, bool isNewer)
    {
        if (Forms.ChatOutputTokens.Read(ref json) is null) return;
        if (isNewer || draft.OutputLimit.IsEmpty) (draft.OutputLimit, draft.OutputLimitName) = (json.Raw(), name);
    }

    /// <summary>What upstreams of the same protocol may know and nobody else: it goes there as it came.</summary>
    private static void ReadPrediction(ref JsonCursor json, ChatDraft draft)
    {
        if (json.IsNull) return;
        var start = json.Start;
        var prediction = new Prediction();
        json.Object(PredictionFields, prediction);
        if (!prediction.HasType) throw json.Missing("type");
        if (!prediction.HasContent) throw json.Missing("content");
        draft.Request.Set("prediction", json.Since(start));
    }

    private static void ReadSearch(ref JsonCursor json, ChatDraft draft)
    {
        if (json.IsNull) return;
        var start = json.Start;
        json.Object(SearchFields, draft);
        draft.Request.Set("web_search_options", json.Since(start));
    }

    private static readonly FieldTable<Prediction> PredictionFields = new(
        ("type", static (ref json, prediction) => prediction.HasType = Forms.PredictionType.Read(ref json) is not null),
        ("content", static (ref json, prediction) =>
        {
            prediction.HasContent = !json.IsNull;
            if (prediction.HasContent) ChatPartReader.StringOrParts(ref json);
        }));

    private static readonly FieldTable<ChatDraft> SearchFields = new(
        ("search_context_size", static (ref json, draft) => Forms.SearchContextSize.Check(ref json)),
        ("user_location", static (ref json, draft) => Forms.Object.Check(ref json)));

    private sealed class Prediction
    {
        public bool HasType { get; set; }
        public bool HasContent { get; set; }
    }
}
