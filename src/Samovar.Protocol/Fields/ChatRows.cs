using static Samovar.Protocol.Fields.FieldUse;
using static Samovar.Protocol.Fields.FieldUses;

namespace Samovar.Protocol.Fields;

/// <summary>The fields of a chat completion request.</summary>
internal static class ChatRows
{
    /// <summary>Where the create request keeps that messages have names, for the record of what was left out.</summary>
    public const string NamePath = "messages[].name";
    private static readonly FieldUses Left = new(Named, Named, Named, Named);
    private static readonly FieldUses UpstreamsOnly = new(FieldUse.Refused, FieldUse.Refused, PassedOn, FieldUse.Refused);

    public static readonly IReadOnlyList<FieldRow> Settings =
    [
        Row("model", Forms.Id, Here),
        Row("messages", new ListForm(Forms.Object, limits => limits.InputItemsMax), Here) with { IsRequired = true },
        Row("store", Forms.Flag, Here, note: "default `false`"),
        Row("stream", Forms.Flag, Here),
        Row("stream_options", Forms.Object, Here, note: "only with `stream`"),
        Row("stream_options.include_usage", Forms.Flag, Here),
        Row("stream_options.include_obfuscation", Forms.Off, Nowhere),
        Row("n", Forms.One, Here),
        Row("max_completion_tokens", Forms.ChatOutputTokens, new(FieldUse.Done, PassedOn, FieldUse.Done, FieldUse.Done)),
        Row("max_tokens", Forms.ChatOutputTokens, new(FieldUse.Done, PassedOn, FieldUse.Done, FieldUse.Done), note: "the older name"),
        Row("temperature", Forms.Temperature, Sampling),
        Row("top_p", Forms.Share, Sampling),
        Row("top_k", Forms.FromZero, Sampling, note: "of engines"),
        Row("min_p", Forms.Share, OfEngines, note: "of engines"),
        Row("seed", Forms.AnyInteger, OfEngines),
        Row("stop", Forms.Stop, new(FieldUse.Done, ForSamovar, FieldUse.Done, FieldUse.Done)),
        Row("logit_bias", Forms.Object, new(FieldUse.Done, ForSamovar, PassedOn, ForEngines),
            note: "from ids of tokens to numbers from -100 to 100"),
        Row("chat_template_kwargs", Forms.Variables, new(FieldUse.Done, ForSamovar, PassedOn, ForEngines),
            note: "variables of the model's chat template, as engines know them; those that the server sets itself are refused"),
        Row("presence_penalty", Forms.Penalty, OfEngines),
        Row("frequency_penalty", Forms.Penalty, OfEngines),
        Row("logprobs", Forms.Flag, new(FieldUse.Done, PassedOn, FieldUse.Done, Named), means: "include"),
        Row("top_logprobs", Forms.TopLogprobs, new(FieldUse.Done, PassedOn, FieldUse.Done, Named), note: "only with `logprobs`"),
        Row("reasoning_effort", Forms.Effort, new(FieldUse.Done, PassedOn, FieldUse.Done, FieldUse.Done), means: "reasoning.effort"),
        Row("reasoning", Forms.Object, new(FieldUse.Done, PassedOn, FieldUse.Done, FieldUse.Done),
            note: "as routers have it; `reasoning_effort` counts before it; it becomes an effort, and thoughts are shown all the same"),
        Row("reasoning.effort", Forms.Effort, new(FieldUse.Done, PassedOn, FieldUse.Done, FieldUse.Done)),
        Row("reasoning.max_tokens", Forms.FromZero, new(FieldUse.Done, PassedOn, FieldUse.Done, FieldUse.Done),
            note: "becomes an effort, as a budget of Messages does"),
        Row("reasoning.enabled", Forms.Flag, new(FieldUse.Done, PassedOn, FieldUse.Done, FieldUse.Done),
            note: "`false` is the effort `none`, `true` alone `medium`"),
        Row("verbosity", Forms.Verbosity, new(Named, PassedOn, ForProviders, Named), means: "text.verbosity"),
        Row("modalities", Forms.Modalities, Here),
        Row("prediction", Forms.Object, UpstreamsOnly),
        Need("prediction.type", Forms.PredictionType),
        Need("prediction.content", new EitherForm(Forms.Text, new ListForm(Forms.Object, limits => limits.PartsMax))),
        Row("web_search_options", Forms.Object, UpstreamsOnly),
        Row("web_search_options.search_context_size", Forms.SearchContextSize, UpstreamsOnly),
        Row("web_search_options.user_location", Forms.Object, UpstreamsOnly),
        Row("audio", Forms.Refused, Nowhere),
        Row("functions", Forms.Refused, Nowhere),
        Row("function_call", Forms.Refused, Nowhere),
        Row("moderation", Forms.Refused, Nowhere),
        Row("metadata", Forms.Object, new(FieldUse.Done, PassedOn, Named, Named), note: "at most 16 pairs of texts"),
        Row("prompt_cache_key", Forms.Label, Here),
        Row("prompt_cache_retention", Forms.CacheRetention, new(Named, ForProviders, ForProviders, Named)),
        Row("prompt_cache_options", Forms.Object, new(FieldUse.Done, FieldUse.Done, Named, Named)),
        Row("prompt_cache_options.mode", Forms.CacheMode, new(Named, PassedOn, Named, Named)),
        Row("prompt_cache_options.ttl", Forms.CacheTtl, new(Named, PassedOn, Named, Named)),
        Row("service_tier", Forms.ServiceTier, new(Named, PassedOn, ForProviders, FieldUse.Done), note: "`fast` is shown as `priority`"),
        Row("safety_identifier", Forms.SafetyIdentifier, new(FieldUse.Done, ForProviders, ForProviders, FieldUse.Done)),
        Row("user", Forms.Label, new(FieldUse.Done, PassedOn, PassedOn, FieldUse.Done)),
    ];

    public static readonly IReadOnlyList<FieldRow> Objects =
    [
        Row("response_format", Forms.Object, Here, means: "text.format"),
        Need("response_format.type", Forms.FormatType, means: "text.format.type"),
        Need("response_format.json_schema", Forms.Object),
        Need("response_format.json_schema.name", Forms.SchemaName, means: "text.format.name"),
        Need("response_format.json_schema.schema", Forms.Object, means: "text.format.schema"),
        Row("response_format.json_schema.strict", Forms.Flag, Here, means: "text.format.strict"),
        Row("response_format.json_schema.description", Forms.Text, Here, means: "text.format.description"),
        Row("tools", new ListForm(Forms.Object, limits => limits.ToolsMax), Here),
        Need("tools[].type", Forms.CallType),
        Need("tools[].function", Forms.Object),
        Need("tools[].function.name", Forms.ToolName, means: "tools[].name"),
        Row("tools[].function.description", Forms.Text, Here, means: "tools[].description"),
        Row("tools[].function.parameters", Forms.Arguments, Here, means: "tools[].parameters"),
        Row("tools[].function.strict", Forms.Flag, Here, means: "tools[].strict"),
        Need("tools[].custom.name", Forms.ToolName),
        Row("tools[].custom.description", Forms.Text, Here),
        Row("tools[].custom.format", Forms.Object, Here, means: "tools[].format"),
        Need("tools[].custom.format.type", Forms.CustomFormat, means: "tools[].format.type"),
        Need("tools[].custom.format.grammar", Forms.Object),
        Need("tools[].custom.format.grammar.syntax", Forms.GrammarSyntax, means: "tools[].format.syntax"),
        Need("tools[].custom.format.grammar.definition", Forms.Text, means: "tools[].format.definition"),
        Row("tool_choice", new EitherForm(Forms.ChoiceWord, Forms.Object), Here),
        Need("tool_choice.type", Forms.ChatChoiceType),
        Need("tool_choice.function", Forms.Object),
        Need("tool_choice.function.name", Forms.ToolName, means: "tool_choice.name"),
        Need("tool_choice.custom.name", Forms.ToolName),
        Need("tool_choice.allowed_tools", Forms.Object),
        Row("tool_choice.allowed_tools.mode", Forms.ChoiceMode, Here, means: "tool_choice.mode"),
        Need("tool_choice.allowed_tools.tools", new ListForm(Forms.Object, limits => limits.ToolsMax), means: "tool_choice.tools"),
        Row("parallel_tool_calls", Forms.Flag, new(FieldUse.Done, PassedOn, FieldUse.Done, FieldUse.Done)),
    ];

    public static readonly IReadOnlyList<FieldRow> Messages =
    [
        Need("messages[].role", Forms.ChatRole),
        Need("messages[].content", new EitherForm(Forms.Text, new ListForm(Forms.Object, limits => limits.PartsMax))),
        Need("messages[].content[].text", Forms.Text),
        Need("messages[].content[].image_url.url", Forms.Address),
        Row("messages[].content[].image_url.detail", Forms.ImageDetail, Here),
        Row(NamePath, Forms.SpeakerName, Left),
        Row("messages[].refusal", Forms.Text, Here),
        Need("messages[].tool_call_id", Forms.Id),
        Need("messages[].tool_calls[].id", Forms.Id),
        Row("messages[].tool_calls[].type", Forms.CallType, Here),
        Need("messages[].tool_calls[].function.name", Forms.Id),
        Need("messages[].tool_calls[].function.arguments", Forms.Text),
        Row("messages[].function_call", Forms.Refused, Nowhere),
    ];

    /// <summary>Fields that no create request has: those that go to chat upstreams as they came, and those that are only named.</summary>
    public static readonly IReadOnlyList<FieldRow> OfChatAlone =
        [.. Settings.Where(row => row.IsTop && row.Uses == UpstreamsOnly), .. Messages.Where(row => row.Uses == Left)];

    private static FieldRow Row(string path, FieldForm form, FieldUses uses, string? means = null, string? note = null) =>
        new(FieldApi.Chat, path, form, uses) { Means = means, Note = note };

    private static FieldRow Need(string path, FieldForm form, string? means = null) =>
        Row(path, form, Here, means) with { IsRequired = true };
}
