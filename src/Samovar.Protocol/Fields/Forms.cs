using Samovar.Protocol.Json;

namespace Samovar.Protocol.Fields;

/// <summary>The forms of fields that more than one reader knows: each stands here once, is read by the readers and listed by the
/// table.</summary>
internal static class Forms
{
    /// <summary>Characters of the name of a format's schema, as the public service has it.</summary>
    private const int SchemaNameCharsMax = 64;
    private const int SpeakerNameCharsMax = 64;

    public static readonly AnyForm Any = new();
    public static readonly ObjectForm Object = new();
    public static readonly VariablesForm Variables = new();
    public static readonly ArgumentsForm Arguments = new();
    public static readonly RefusedForm Refused = new();
    public static readonly FlagForm Flag = new();
    public static readonly FlagForm Off = new(IsOffered: false);

    public static readonly TextForm Text = new(limits => limits.TextCharsMax);

    /// <summary>A name or id with any characters; what is only kept may be empty.</summary>
    public static readonly TextForm Id = new(limits => limits.NameCharsMax, CharsMin: 1);
    public static readonly TextForm Label = new(limits => limits.NameCharsMax);
    public static readonly TextForm Address = new(limits => limits.FrameBytesMax);
    public static readonly TextForm SafetyIdentifier = new(limits => limits.SafetyIdentifierCharsMax);
    public static readonly TextForm SpeakerName = new(_ => SpeakerNameCharsMax);
    public static readonly NameForm ToolName = new(limits => limits.ToolNameCharsMax);
    public static readonly NameForm SchemaName = new(_ => SchemaNameCharsMax);

    public static readonly IntegerForm OutputTokens = new(limits => limits.OutputTokensMin, int.MaxValue);
    public static readonly IntegerForm ChatOutputTokens = new(1);
    public static readonly IntegerForm AnyInteger = new(long.MinValue, long.MaxValue);
    public static readonly IntegerForm FromZero = new(0);
    public static readonly IntegerForm FromOne = new(1);
    public static readonly IntegerForm EventNumber = new(0, int.MaxValue);
    public static readonly IntegerForm One = new(1, 1);
    public static readonly IntegerForm CompactThreshold = new(1000);
    public static readonly IntegerForm TopLogprobs = new(0, 20);
    public static readonly NumberForm Temperature = new(0, 2);
    public static readonly NumberForm Share = new(0, 1);
    public static readonly NumberForm Penalty = new(-2, 2);
    public static readonly NumberForm Bias = new(-100, 100);

    public static readonly WordForm ServiceTier = new("auto", "default", "flex", "scale", "priority", "fast", "ultrafast");
    public static readonly WordForm MessagesServiceTier = new("auto", "standard_only");

    /// <summary>The second is how older SDKs write the first.</summary>
    public static readonly WordForm CacheRetention = new("in_memory", "in-memory", "24h");
    public static readonly WordForm CacheMode = new("implicit", "explicit");
    public static readonly WordForm CacheTtl = new("30m", "12h");
    public static readonly WordForm MarkTtl = new("5m", "1h");
    public static readonly WordForm MarkType = new("ephemeral");
    public static readonly WordForm Effort = new("none", "minimal", "low", "medium", "high", "xhigh", "max");
    public static readonly WordForm MessagesEffort = new("low", "medium", "high", "xhigh", "max");
    public static readonly WordForm Summary = new("auto", "concise", "detailed", "none");
    public static readonly WordForm ReasoningContext = new("auto", "current_turn", "all_turns");
    public static readonly WordForm ReasoningMode = new("standard", "pro");
    public static readonly WordForm Verbosity = new("low", "medium", "high");
    public static readonly WordForm FormatType = new("text", "json_object", "json_schema");
    public static readonly WordForm MessagesFormatType = new("json_schema");
    public static readonly WordForm ManagementType = new("compaction");
    public static readonly WordForm Truncation = new("auto", "disabled");
    public static readonly WordForm Modality = new("text");
    public static readonly WordForm PredictionType = new("content");
    public static readonly WordForm SearchContextSize = new("low", "medium", "high");
    public static readonly ListForm ToolCallers = new(Id, limits => limits.PartsMax);
    public static readonly ListForm ToolExamples = new(Object, limits => limits.PartsMax);
    public static readonly WordForm ThinkingType = new("enabled", "disabled", "adaptive", "between_tools");
    public static readonly WordForm ThinkingDisplay = new("summarized", "omitted", "updates");
    public static readonly WordForm SummaryType = new("summarize");
    public static readonly WordForm ThreadType = new("create", "continue");
    public static readonly WordForm CustomFormat = new("text", "grammar");
    public static readonly WordForm GrammarSyntax = new("lark", "regex");
    public static readonly WordForm ChoiceMode = new("auto", "required");
    public static readonly WordForm ChoiceWord = new("none", "auto", "required");
    public static readonly WordForm MessagesChoice = new("auto", "any", "tool", "none");
    public static readonly WordForm ItemRole = new("user", "assistant", "system", "developer");
    public static readonly WordForm ChatRole = new("developer", "system", "user", "assistant", "tool");
    public static readonly WordForm MessagesRole = new("user", "assistant", "system");
    public static readonly WordForm CallType = new("function", "custom");
    public static readonly WordForm Phase = new("commentary", "final_answer");
    public static readonly WordForm ItemStatus = new("in_progress", "completed", "incomplete");
    public static readonly WordForm ImageDetail = new("low", "high", "auto", "original");
    public static readonly WordForm ImageSource = new("base64", "url", "file");

    /// <summary>Kinds of tools, hosted ones among them; more of those are known by the form of their name.</summary>
    public static readonly WordForm ToolType = new(["function", "custom", "namespace", .. HostedTools.Kinds]);
    public static readonly WordForm ChoiceType = new(["function", "custom", "allowed_tools", .. HostedTools.Kinds]);
    public static readonly WordForm ChatChoiceType = new("function", "custom", "allowed_tools");
    public static readonly WordForm MessagesToolType = new("custom");

    public static readonly IntegerForm PageLimit = new(1, 100);
    public static readonly IntegerForm ModelsLimit = new(1, 1000);
    public static readonly WordForm Order = new("asc", "desc");

    public static readonly WordForm Includable = new(
        "file_search_call.results", "web_search_call.results", "web_search_call.action.sources", "message.input_image.image_url",
        "computer_call_output.output.image_url", "code_interpreter_call.outputs", "reasoning.encrypted_content",
        "message.output_text.logprobs");

    public static readonly ListForm Include = new(Includable, limits => limits.IncludeMax);
    public static readonly ListForm Modalities = new(Modality, limits => limits.IncludeMax);
    public static readonly ListForm StopSequences = new(Id, limits => limits.StopsMax);
    public static readonly EitherForm Stop = new(Id, StopSequences);
    public static readonly EitherForm Conversation = new(Id, Object);
}
