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
        "model", "stream", "store", "metadata", "temperature", "top_p", "top_k", "min_p", "seed", "stop",
        "presence_penalty", "frequency_penalty", "top_logprobs", "parallel_tool_calls", "prompt_cache_key",
        "service_tier", "safety_identifier", "user",
    };

    private static readonly string[] Modalities = ["text"];

    private static readonly FieldTable<ChatDraft> StreamOptions = new(
        ("include_usage", static (ref json, draft) => draft.IncludesUsage = json.OptionalBool() ?? false));

    /// <summary>What fields of a create request were in the chat request.</summary>
    public static readonly (string Ours, string Theirs)[] Names =
    [
        ("input", "messages"), ("text.format.schema", "response_format.json_schema.schema"), ("text.format", "response_format"),
        ("text.verbosity", "verbosity"), ("reasoning.effort", "reasoning_effort"), ("include", "logprobs"),
        ("tools[].parameters", "tools[].function.parameters"), ("tools[].name", "tools[].function.name"),
        ("tools[].description", "tools[].function.description"), ("tools[].strict", "tools[].function.strict"),
        ("tools[].format", "tools[].custom.format"), ("tool_choice.tools", "tool_choice.allowed_tools.tools"),
        ("tool_choice.mode", "tool_choice.allowed_tools.mode"), ("tool_choice.name", "tool_choice.function.name"),
    ];

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
            if (!json.IsNull) draft.Request.Set("tool_choice", ChatToolReader.Choice(ref json));
        }),
        ("response_format", static (ref json, draft) => draft.Format = ChatFormatReader.Read(ref json)),
        ("max_completion_tokens", static (ref json, draft) =>
        {
            if (!json.IsNull) (draft.OutputLimit, draft.OutputLimitName) = (json.Raw(), "max_completion_tokens");
        }),
        ("max_tokens", static (ref json, draft) =>
        {
            if (json.IsNull || !draft.OutputLimit.IsEmpty) json.Skip();
            else (draft.OutputLimit, draft.OutputLimitName) = (json.Raw(), "max_tokens");
        }),
        ("n", static (ref json, draft) => json.OptionalInt(min: 1, max: 1)),
        ("logprobs", static (ref json, draft) => draft.WantsLogprobs = json.OptionalBool() ?? false),
        ("reasoning_effort", static (ref json, draft) =>
        {
            if (!json.IsNull) draft.Request.Set("reasoning", Effort(json.Raw()));
        }),
        ("verbosity", static (ref json, draft) => draft.Verbosity = json.IsNull ? default : json.Raw()),
        ("stream_options", static (ref json, draft) =>
        {
            if (!json.IsNull) json.Object(StreamOptions, draft);
        }),
        ("modalities", ReadModalities),
        ("audio", static (ref json, draft) => ForeignFields.Refuse(ref json)),
        ("functions", static (ref json, draft) => ForeignFields.Refuse(ref json)),
        ("function_call", static (ref json, draft) => ForeignFields.Refuse(ref json)));

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

    private static RawJson Effort(RawJson effort) => RawJson.Of($$"""{"effort":{{effort}}}""");

    private static void ReadModalities(ref JsonCursor json, ChatDraft draft)
    {
        if (json.IsNull) return;
        json.Expect(System.Text.Json.JsonTokenType.StartArray, "an array");
        for (var at = 0; json.NextElement(); at++)
        {
            json.Push(at);
            json.OptionalWord(Modalities);
            json.Pop();
        }
    }
}
