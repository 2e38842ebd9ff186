using static Samovar.Protocol.Fields.FieldUse;
using static Samovar.Protocol.Fields.FieldUses;

namespace Samovar.Protocol.Fields;

/// <summary>The fields of a create request.</summary>
internal static class ResponsesRows
{
    /// <summary>What the Messages API calls <c>context_management</c>, where that name has another meaning.</summary>
    public const string ContextEdits = "context_edits";

    /// <summary>What becomes of that.</summary>
    public static readonly FieldUses OfMessages = new(Named, ForSamovar, Named, FieldUse.Done);
    public static readonly FieldUses Edits = new(FieldUse.Done, ForSamovar, FieldUse.Done, FieldUse.Done);

    /// <summary>Those with one value each.</summary>
    public static readonly IReadOnlyList<FieldRow> Settings =
    [
        Row("type", Forms.Any, Here, "of a frame; `response.create` or missing"),
        Row("model", Forms.Id, Here),
        Row("input", new EitherForm(Forms.Text, new ListForm(Forms.Object, limits => limits.InputItemsMax)), Here),
        Row("instructions", Forms.Text, Here),
        Row("previous_response_id", Forms.Id, Here),
        Row("conversation", Forms.Conversation, Here, "not with `previous_response_id`"),
        Row("store", Forms.Flag, Here, "default `true`"),
        Row("stream", Forms.Flag, Here, "on a socket everything streams, whatever this says"),
        Row("stream_options", Forms.Object, Here, "only with `stream`"),
        Row("stream_options.include_obfuscation", Forms.Off, Nowhere),
        Row("stream_id", Forms.Any, Here, "of a frame: 1 to 256 letters, digits, `_`, `-`, `.`; passed over in a POST"),
        Row("generate", Forms.Flag, Here, "`false` is refused in a POST"),
        Row("background", Forms.Flag, Here, "in a POST, with `store`, where responses outlive the process; refused on a socket"),
        Row("resume_key", Forms.Any, Here, "an extension, of a frame: the client's own name for the turn; passed over in a POST"),
        Row("final", Forms.Flag, new(FieldUse.Done, ForSamovar, Named, Named),
            "an extension: nothing follows this turn, so that its state goes at once; not with `generate: false`", idle: ["false"]),
        Row("parallel_tool_calls", Forms.Flag, new(FieldUse.Done, PassedOn, FieldUse.Done, FieldUse.Done)),
        Row("max_tool_calls", Forms.FromOne, new(FieldUse.Done, PassedOn, FieldUse.Done, FieldUse.Done),
            "counts calls of tools at the server"),
        Row("max_output_tokens", Forms.OutputTokens, new(FieldUse.Done, PassedOn, FieldUse.Done, FieldUse.Done)),
        Row("temperature", Forms.Temperature, Sampling),
        Row("top_p", Forms.Share, Sampling),
        Row("top_k", Forms.FromZero, Sampling, "an extension"),
        Row("min_p", Forms.Share, OfEngines, "an extension"),
        Row("seed", Forms.AnyInteger, OfEngines, "an extension"),
        Row("stop", Forms.Stop, new(FieldUse.Done, ForSamovar, FieldUse.Done, FieldUse.Done), "an extension"),
        Row("logit_bias", Forms.Object, new(FieldUse.Done, ForSamovar, PassedOn, ForEngines),
            "an extension: from ids of tokens to numbers from -100 to 100"),
        Row("chat_template_kwargs", Forms.Variables, new(FieldUse.Done, ForSamovar, PassedOn, ForEngines),
            "an extension: variables of the model's chat template; those that the server sets itself are refused"),
        Row("presence_penalty", Forms.Penalty, OfEngines),
        Row("frequency_penalty", Forms.Penalty, OfEngines),
        Row("top_logprobs", Forms.TopLogprobs, new(FieldUse.Done, PassedOn, FieldUse.Done, Named)),
        Row("include", Forms.Include, new(FieldUse.Done, PassedOn, Named, Named)),
        Row("truncation", Forms.Truncation, new(FieldUse.Done, PassedOn, Named, Named)),
        Row("context_management", new ListForm(Forms.Object, limits => limits.ManagementRulesMax), Here),
        Row(ContextEdits, Forms.Object, Edits, "an extension: `context_management` of the Messages API"),
        Row("prompt", Forms.Refused, Nowhere),
        Row("moderation", Forms.Refused, Nowhere),
        Row("multi_agent", Forms.Refused, Nowhere),
        Row("metadata", Forms.Object, new(FieldUse.Done, PassedOn, Named, Named), "at most 16 pairs of texts"),
        Row("prompt_cache_key", Forms.Label, Here),
        Row("prompt_cache_retention", Forms.CacheRetention, new(Named, ForProviders, ForProviders, Named),
            idle: ["in_memory", "in-memory"]),
        Row("service_tier", Forms.ServiceTier, new(Named, PassedOn, ForProviders, FieldUse.Done), "`fast` is shown as `priority`",
            idle: ["auto", "default"]),
        Row("safety_identifier", Forms.SafetyIdentifier, new(FieldUse.Done, ForProviders, ForProviders, FieldUse.Done)),
        Row("user", Forms.Label, new(FieldUse.Done, PassedOn, PassedOn, FieldUse.Done)),
        Row("access_programs", Forms.Any, new(Named, ForProviders, Named, Named)),
        Row("image", Forms.Any, new(Named, ForProviders, Named, Named)),
        Row("client_metadata", Forms.Any, new(FieldUse.Done, FieldUse.Done, Named, Named), "of Codex; providers get it on a socket"),
    ];

    /// <summary>Objects and what is in them.</summary>
    public static readonly IReadOnlyList<FieldRow> Objects =
    [
        Need("conversation.id", Forms.Id),
        Need("context_management[].type", Forms.ManagementType),
        Row("context_management[].compact_threshold", Forms.CompactThreshold, Here,
            "tokens; by default as `Compaction:ThresholdShare` says"),
        Row("reasoning", Forms.Object, new(FieldUse.Done, PassedOn, FieldUse.Done, FieldUse.Done)),
        Row("reasoning.effort", Forms.Effort, new(FieldUse.Done, PassedOn, FieldUse.Done, FieldUse.Done)),
        Row("reasoning.summary", Forms.Summary, new(Named, PassedOn, Named, Named), idle: ["none"]),
        Row("reasoning.generate_summary", Forms.Summary, new(Named, PassedOn, Named, Named), "the older name", idle: ["none"]),
        Row("reasoning.context", Forms.ReasoningContext, new(Named, PassedOn, Named, Named), idle: ["auto"]),
        Row("reasoning.mode", Forms.ReasoningMode, new(Named, PassedOn, Named, Named), idle: ["standard"]),
        Row("text", Forms.Object, new(FieldUse.Done, PassedOn, FieldUse.Done, FieldUse.Done)),
        Row("text.verbosity", Forms.Verbosity, new(Named, PassedOn, ForProviders, Named), idle: ["medium"]),
        Row("text.format", Forms.Object, new(FieldUse.Done, PassedOn, FieldUse.Done, FieldUse.Done)),
        Need("text.format.type", Forms.FormatType),
        Need("text.format.name", Forms.SchemaName),
        Need("text.format.schema", Forms.Object),
        Row("text.format.strict", Forms.Flag, Here),
        Row("text.format.description", Forms.Text, Here),
        Row("prompt_cache_options", Forms.Object, new(FieldUse.Done, FieldUse.Done, Named, Named)),
        Row("prompt_cache_options.mode", Forms.CacheMode, new(Named, PassedOn, Named, Named), idle: ["implicit"]),
        Row("prompt_cache_options.ttl", Forms.CacheTtl, new(Named, PassedOn, Named, Named)),
        Row("prompt_cache_options.prewarm", Forms.Flag, Here),
        Row("prompt_cache_options.comparison_response_id", Forms.Id, Here),
        Row("prompt_cache_options.details", Forms.Flag, Here, "an extension: `prompt_cache_diagnostics` with `details`, see [why](why.md)"),
        Row("tools", new ListForm(Forms.Object, limits => limits.ToolsMax), Here,
            "`mcp` and `web_search` run here where they are configured (tools.md); upstreams that run hosted kinds get them"),
        Need("tools[].type", Forms.ToolType, "some with a date; those of Messages with theirs; or `provider:name`"),
        Need("tools[].name", Forms.ToolName),
        Row("tools[].description", Forms.Text, Here),
        Row("tools[].parameters", Forms.Arguments, Here),
        Row("tools[].strict", Forms.Flag, Here),
        Row("tools[].async", Forms.Flag, Here, "a chain goes on while a call of it has no output; noted in its place where the model's " +
            "protocol knows no such calls"),
        Row("tools[].defer_loading", Forms.Flag, Handled,
            "of a function; left out for Messages where what finds the tool is `tool_search`"),
        Row("tools[].allowed_callers", Forms.ToolCallers, Handled,
            "of a function; left out for Messages where `programmatic` is among them"),
        Row("tools[].input_examples", Forms.ToolExamples, Handled, "an extension: of a function, as Messages has it"),
        Row("tools[].eager_input_streaming", Forms.Flag, Streamed, "an extension: of a function, as Messages has it"),
        Row("tools[].format", Forms.Object, Here, "of a custom tool"),
        Need("tools[].format.type", Forms.CustomFormat),
        Need("tools[].format.syntax", Forms.GrammarSyntax,
            "models in the server are held to it; a provider's is shown it where a tool cannot be passed on as it is"),
        Need("tools[].format.definition", Forms.Text),
        Need("tools[].tools", new ListForm(Forms.Object, limits => limits.ToolsMax), "of a namespace"),
        Need("tools[].tools[].name", Forms.ToolName),
        Row("tool_choice", new EitherForm(Forms.ChoiceWord, Forms.Object), Here),
        Need("tool_choice.type", Forms.ChoiceType),
        Need("tool_choice.name", Forms.Id),
        Row("tool_choice.mode", Forms.ChoiceMode, Here),
        Need("tool_choice.tools", new ListForm(Forms.Object, limits => limits.ToolsMax)),
        Need("tool_choice.tools[].type", Forms.ToolType),
        Need("tool_choice.tools[].name", Forms.Id),
    ];

    /// <summary>What is in the items of <c>input</c>; kinds of items that are only carried may have anything.</summary>
    public static readonly IReadOnlyList<FieldRow> Items =
    [
        Need("input[].role", Forms.ItemRole, "of a message"),
        Need("input[].content", new EitherForm(Forms.Text, new ListForm(Forms.Object, limits => limits.PartsMax)), "of a message"),
        Row("input[].phase", Forms.Phase, Here, "of a message"),
        Row("input[].status", Forms.ItemStatus, Here, "of a message, a thought, a call, and its output"),
        Need("input[].content[].text", Forms.Text),
        Row("input[].content[].detail", Forms.ImageDetail, Here, "of an image"),
        Need("input[].call_id", Forms.Id, "of a call, and of its output"),
        Need("input[].name", Forms.Id, "of a call"),
        Need("input[].arguments", Forms.Text, "of a call"),
        Need("input[].output", new EitherForm(Forms.Text, new ListForm(Forms.Object, limits => limits.PartsMax)), "of a call's output"),
        Need("input[].encrypted_content", Forms.Address, "of a compaction; Samovar's own are opened before") with { Uses = OfMaker },
    ];

    /// <summary>For those that may have made it; others cannot open it.</summary>
    private static FieldUses Handled => new(Named, PassedOn, Named, FieldUse.Done);

    /// <summary>All but one stream arguments as they come, whether they are asked to or not.</summary>
    private static FieldUses Streamed => new(FieldUse.Done, PassedOn, FieldUse.Done, FieldUse.Done);
    private static FieldUses OfMaker => new(FieldUse.Refused, FieldUse.PassedOn, FieldUse.Refused, FieldUse.Refused);

    private static FieldRow Row(string path, FieldForm form, FieldUses uses, string? note = null, string[]? idle = null) =>
        new(FieldApi.Responses, path, form, uses) { Note = note, Idle = idle ?? [] };

    private static FieldRow Need(string path, FieldForm form, string? note = null) =>
        Row(path, form, Here, note) with { IsRequired = true };
}
