using System.Collections.Frozen;
using static Samovar.Protocol.Fields.FieldUse;
using static Samovar.Protocol.Fields.FieldUses;

namespace Samovar.Protocol.Fields;

/// <summary>The fields of a Messages request.</summary>
internal static class MessagesRows
{
    private const string OfAnEngine = "an extension, of engines";

    /// <summary>Of what only upstreams of this API do, and what would silently not happen elsewhere.</summary>
    private static readonly FieldUses UpstreamsOnly = new(FieldUse.Refused, FieldUse.Refused, FieldUse.Refused, PassedOn);

    /// <summary>Of what they do in their own way, and what the answer elsewhere is as good without; so are fields of which nobody here
    /// has heard.</summary>
    public static readonly FieldUses Wishes = new(Named, Named, Named, PassedOn);

    public static readonly IReadOnlyList<FieldRow> Settings =
    [
        Row("model", Forms.Id, Here),
        Row("messages", new ListForm(Forms.Object, limits => limits.InputItemsMax), Here) with { IsRequired = true },
        Row("system", new EitherForm(Forms.Text, new ListForm(Forms.Object, limits => limits.PartsMax)), Here),
        Row("max_tokens", Forms.FromZero, new(FieldUse.Done, PassedOn, FieldUse.Done, FieldUse.Done), "max_output_tokens",
            note: "may be missing; 0 only warms the cache"),
        Row("stream", Forms.Flag, Here),
        Row("temperature", Forms.Share, Sampling),
        Row("top_p", Forms.Share, Sampling),
        Row("top_k", Forms.FromZero, Sampling),
        Row("min_p", Forms.Share, OfEngines, note: OfAnEngine),
        Row("seed", Forms.AnyInteger, OfEngines, note: OfAnEngine),
        Row("presence_penalty", Forms.Penalty, OfEngines, note: OfAnEngine),
        Row("frequency_penalty", Forms.Penalty, OfEngines, note: OfAnEngine),
        Row("stop_sequences", Forms.StopSequences, new(FieldUse.Done, ForSamovar, FieldUse.Done, FieldUse.Done), "stop"),
        Row("chat_template_kwargs", Forms.Variables, new(FieldUse.Done, ForSamovar, PassedOn, ForEngines),
            note: "an extension: variables of the model's chat template; those that the server sets itself are refused"),
        Row("service_tier", Forms.MessagesServiceTier, new(FieldUse.Done, PassedOn, ForProviders, FieldUse.Done)),
        Row("thinking", Forms.Object, new(FieldUse.Done, PassedOn, FieldUse.Done, FieldUse.Done),
            note: "becomes an effort; models of this API that are adaptive get it as it is"),
        Need("thinking.type", Forms.ThinkingType),
        Need("thinking.budget_tokens", Forms.FromOne),
        Row("thinking.display", Forms.ThinkingDisplay, Here,
            note: "`omitted`: thoughts come without their text; `updates` is as `summarized` here; adaptive models of this API get it"),
        Row("output_config", Forms.Object, Here),
        Row("output_config.effort", Forms.MessagesEffort, Here, "reasoning.effort"),
        Row("output_config.format", Forms.Object, Here, "text.format"),
        Need("output_config.format.type", Forms.MessagesFormatType, "text.format.type"),
        Need("output_config.format.schema", Forms.Object, "text.format.schema"),
        Row("output_format", Forms.Object, Here, "text.format", note: "the older name of `output_config.format`, which counts before it"),
        Need("output_format.type", Forms.MessagesFormatType, "text.format.type"),
        Need("output_format.schema", Forms.Object, "text.format.schema"),
        Row("context_management", Forms.Object, ResponsesRows.Edits, ResponsesRows.ContextEdits,
            note: "its edits; those of kinds that are not known are named"),
        Row("compaction", Forms.Object, Here,
            note: "the answer is a `compaction` block that stands for all that was said, and nothing else"),
        Need("compaction.type", Forms.SummaryType),
        Row("compaction.instructions", Forms.Text, Here, note: "asked of the model in place of the server's own words"),
        Row("thread", Forms.Object, Here, note: "what is said is stored, and continued by the id of its last message"),
        Need("thread.type", Forms.ThreadType),
        Need("thread.previous_message_id", Forms.Id, "previous_response_id"),
        Row("metadata", Forms.Object, Here),
        Row("metadata.user_id", Forms.Label, new(FieldUse.Done, ForProviders, ForProviders, FieldUse.Done), "safety_identifier",
            note: "one that is too long for other protocols goes there as its digest"),
        Row("diagnostics", Forms.Object, Here, note: "asks why the cache was missed"),
        Row("diagnostics.previous_message_id", Forms.Id, Here, "prompt_cache_options.comparison_response_id",
            note: "null: there is none yet"),
        Row("cache_control", Forms.Object, Here, note: "marks are passed over; upstreams get marks of our own"),
        Need("cache_control.type", Forms.MarkType),
        Row("cache_control.ttl", Forms.MarkTtl, Here),
        Row("mcp_servers", new ListForm(Forms.Object, limits => limits.ToolsMax), UpstreamsOnly),
        Row("container", new EitherForm(Forms.Id, Forms.Object), UpstreamsOnly),
        Row("inference_geo", Forms.Id, UpstreamsOnly, note: "`global` asks for nothing") with { Idle = ["global"] },
        Row("speed", Forms.Id, Wishes) with { Idle = ["standard"] },
        Row("fallbacks", Forms.Any, Wishes),
        Row("billing_policy", Forms.Any, Wishes),
        Row("anthropic_version", Forms.Any, Here, note: "how other roads to this API say what a header says; passed over"),
        Row("anthropic_beta", Forms.Any, Here, note: "likewise"),
        Row("tools", new ListForm(Forms.Object, limits => limits.ToolsMax), Here),
        Row("tools[].type", Forms.MessagesToolType, Here, note: Hosted),
        Need("tools[].name", Forms.ToolName) with { Note = "at most 128 characters here" },
        Row("tools[].description", Forms.Text, Here),
        Need("tools[].input_schema", Forms.Arguments, "tools[].parameters"),
        Row("tools[].strict", Forms.Flag, Here),
        Row("tools[].defer_loading", Forms.Flag, ResponsesRows.OfMessages),
        Row("tools[].allowed_callers", Forms.ToolCallers, ResponsesRows.OfMessages),
        Row("tools[].input_examples", Forms.ToolExamples, ResponsesRows.OfMessages),
        Row("tools[].eager_input_streaming", Forms.Flag, Here, note: "others stream arguments as they come"),
        Row("tools[].cache_control.ttl", Forms.MarkTtl, Here),
        Row("tool_choice", Forms.Object, Here),
        Need("tool_choice.type", Forms.MessagesChoice),
        Need("tool_choice.name", Forms.ToolName) with { Note = "at most 128 characters here" },
        Row("tool_choice.disable_parallel_tool_use", Forms.Flag, Here, "parallel_tool_calls"),
    ];

    public static readonly IReadOnlyList<FieldRow> Blocks =
    [
        Need("system[].text", Forms.Text),
        Row("system[].cache_control.ttl", Forms.MarkTtl, Here),
        Need("messages[].role", Forms.MessagesRole),
        Need("messages[].content", new EitherForm(Forms.Text, new ListForm(Forms.Object, limits => limits.PartsMax))),
        Need("messages[].content[].text", Forms.Text),
        Row("messages[].content[].citations", Forms.Object, Here,
            note: "of a document; of a text of the assistant what it cites, as an array; for upstreams of the Messages API"),
        Row("messages[].content[].context", Forms.Text, Here,
            note: "of a document that is a file, or is to be cited; for upstreams of the Messages API"),
        Row("messages[].content[].cache_control.ttl", Forms.MarkTtl, Here),
        Need("messages[].content[].id", Forms.Id),
        Need("messages[].content[].name", Forms.Id),
        Need("messages[].content[].input", Forms.Object),
        Need("messages[].content[].tool_use_id", Forms.Id),
        Row("messages[].content[].is_error", Forms.Flag, Here),
        Row("messages[].content[].content", new EitherForm(Forms.Text, new ListForm(Forms.Object, limits => limits.PartsMax)), Here),
        Need("messages[].content[].thinking", Forms.Text),
        Row("messages[].content[].signature", Forms.Address, Here),
        Need("messages[].content[].data", Forms.Address),
        Need("messages[].content[].source", Forms.Object),
        Need("messages[].content[].source.type", Forms.ImageSource),
        Need("messages[].content[].source.media_type", Forms.Id),
        Need("messages[].content[].source.url", Forms.Address),
    ];

    /// <summary>Fields of a request that only a client of this API means so: those that upstreams of it get as they came.</summary>
    public static readonly FrozenDictionary<string, FieldRow> OfMessagesAlone = Settings
        .Where(row => row.IsTop && (row.Uses == UpstreamsOnly || row.Uses == Wishes))
        .ToFrozenDictionary(row => row.Path, StringComparer.Ordinal);

    private static string Hosted => $"or a provider's: {Listed(HostedTools.UndatedMessagesKinds)}, and with a date "
        + $"{Listed(HostedTools.DatedMessagesKinds)}; passed on to the Messages API, elsewhere left out and named";

    private static string Listed(IEnumerable<string> kinds) => string.Join(", ", kinds.Select(kind => $"`{kind}`"));

    private static FieldRow Row(string path, FieldForm form, FieldUses uses, string? means = null, string? note = null) =>
        new(FieldApi.Messages, path, form, uses) { Means = means, Note = note };

    private static FieldRow Need(string path, FieldForm form, string? means = null) =>
        Row(path, form, Here, means) with { IsRequired = true };
}
