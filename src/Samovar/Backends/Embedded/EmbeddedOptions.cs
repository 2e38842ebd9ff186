using System.ComponentModel.DataAnnotations;
using Samovar.Engine;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;

namespace Samovar.Backends.Embedded;

/// <summary>How the embedded engine's model is spoken to.</summary>
public sealed class EmbeddedOptions
{
    public const string Section = "Embedded";

    /// <summary>The name clients see; default: the model's own.</summary>
    public string? ModelName { get; set; }

    /// <summary>A file with a Jinja chat template that takes the place of the model's own.</summary>
    public string? TemplatePath { get; set; }

    /// <summary>
    /// The named template of the model's file that is used (<c>tokenizer.chat_template.NAME</c>; <c>default</c> is the one without a name).
    /// Default: the file's own, and where tools are given and it has one, <c>tool_use</c>.
    /// </summary>
    [MaxLength(256)] public string? TemplateName { get; set; }

    /// <summary>
    /// Variables that the template is given, as a JSON object, such as <c>{"enable_thinking": false}</c>; a request's own
    /// <c>chat_template_kwargs</c> count before them.
    /// </summary>
    [TemplateVariables] public string? TemplateVariables { get; set; }

    /// <summary>How the model writes calls and reasoning: auto, hermes, llama, mistral, harmony, deepseek, json, plain.</summary>
    [RegularExpression("^(auto|hermes|llama|mistral|harmony|deepseek|json|plain)$")] public string Dialect { get; set; } = "auto";

    /// <summary>
    /// What the model is shown for an image or a file that it cannot read; <c>{kind}</c> in it becomes <c>image</c>, or <c>file: </c> and
    /// its name. Without it such a request is refused.
    /// </summary>
    [MaxLength(4096)] public string? ImagePlaceholder { get; set; }

    /// <summary>
    /// Responses that are looked through, newest first, for the call that an output answers; beyond it the whole is rendered.
    /// </summary>
    [Range(1, 10_000)] public int CallLookback { get; set; } = 16;

    /// <summary>Shapes of turns whose rendering is proven once and remembered; the least recently used goes.</summary>
    [Range(1, 100_000)] public int ShapesMax { get; set; } = 1024;

    /// <summary>
    /// Whether earlier thoughts stay in the history where the model's template has a switch for that (as <c>preserve_thinking</c>,
    /// <c>clear_thinking</c>, <c>truncate_history_thinking</c>): then a new question computes only itself, and the history is longer. The
    /// log says at start which switch there is. Without it the template's own way is taken.
    /// </summary>
    public bool KeepThoughts { get; set; }

    /// <summary>
    /// Whether the engine, when it has nothing else to do, computes what the history will look like at the next question, where the model's
    /// template changes it then (it drops earlier thoughts, or moves the tools). Any turn that comes ends that at once.
    /// </summary>
    public bool PrepareNext { get; set; } = true;

    /// <summary>How long no turn has run before that is done.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")] public TimeSpan PrepareAfter { get; set; } = TimeSpan.FromSeconds(0.5);

    /// <summary>Tokens that the next question would have to compute for it to be worth while.</summary>
    [Range(1, 1 << 20)] public int PrepareTokensMin { get; set; } = 256;

    /// <summary>Answers that wait to be prepared; the oldest goes.</summary>
    [Range(1, 10_000)] public int PreparationsMax { get; set; } = 32;

    /// <summary>
    /// How long a model's template may be asked at load what it can do. One that takes longer would make every turn slow: ChatML takes its
    /// place, and an operator's own is refused.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] public TimeSpan TemplateAskedMax { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Characters of a call's head (its name and what surrounds it) before it counts as text.</summary>
    [Range(64, 1 << 20)] public int CallHeadCharsMax { get; set; } = 4096;

    /// <summary>Calls of one response where a grammar holds it to calls.</summary>
    [Range(1, 1000)] public int CallsMax { get; set; } = 32;

    /// <summary>
    /// Whether a call that the model begins of its own will has an offered tool's name and arguments of its schema, as far as a grammar can
    /// hold that: a small model mixes names up. It is for models that write calls as Hermes does; strict tools are always held.
    /// </summary>
    public bool CallsHeld { get; set; } = true;

    /// <summary>Characters of compiled grammars that are kept for later turns; the least recently used go first.</summary>
    [Range(0, 1L << 30)] public long GrammarCharsMax { get; set; } = 4 << 20;

    /// <summary>
    /// How long a turn that waits for a stream is not accepted: until then it can be refused with a time to retry, where others need its
    /// place more; a client that waits longer is shown that it was taken.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:05:00")] public TimeSpan AcceptWaitMax { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Tokens of an answer where the request names no limit: the response then ends as incomplete, as at a limit of its own. A model that
    /// repeats itself would else write until its context is full.
    /// </summary>
    [Range(1, 1 << 20)] public int OutputTokensDefault { get; set; } = 8192;

    /// <summary>
    /// Temperature where the request names none; 0 takes the likeliest token. Default: what the model's file recommends
    /// (<c>general.sampling.temp</c>), else 1.
    /// </summary>
    [Range(0.0, 2.0)] public float? Temperature { get; set; }

    /// <summary>
    /// Probability mass that is sampled from where the request names none; 1 takes all. Default: the model file's
    /// <c>general.sampling.top_p</c>, else 1.
    /// </summary>
    [Range(0.0, 1.0)] public float? TopP { get; set; }

    /// <summary>
    /// Likeliest tokens that are sampled from; 0 takes all. Default: the model file's <c>general.sampling.top_k</c>, else 0.
    /// </summary>
    [Range(0, 1_000_000)] public int? TopK { get; set; }

    /// <summary>
    /// Least probability of a token, as a share of the likeliest one's; 0 takes all. Default: the model file's
    /// <c>general.sampling.min_p</c>, else 0.
    /// </summary>
    [Range(0.0, 1.0)] public float? MinP { get; set; }

    /// <summary>
    /// Penalty of tokens that the answer has, of its newest 4,096 or as many as the model file's <c>general.sampling.penalty_last_n</c>
    /// says; 0 and 1 mean no penalty. Default: the model file's <c>general.sampling.penalty_repeat</c>, else 1.
    /// </summary>
    [Range(0.0, 10.0)] public float? RepeatPenalty { get; set; }

    /// <summary>The template's variables as they are read.</summary>
    internal RawJson Variables =>
        TemplateVariables is { } text && VariablesForm.FaultOf(text, out var variables) is null ? variables : default;

    /// <summary>The same settings, to be changed for one model.</summary>
    internal EmbeddedOptions Copy() => (EmbeddedOptions)MemberwiseClone();

    /// <summary>What is set of sampling.</summary>
    internal SuggestedSampling Sampling => new()
    {
        Temperature = Temperature, TopP = TopP, TopK = TopK, MinP = MinP, RepeatPenalty = RepeatPenalty,
    };
}
