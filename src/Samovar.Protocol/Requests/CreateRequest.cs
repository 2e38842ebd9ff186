using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Requests;

/// <summary>The body of <c>POST /v1/responses</c> and of a <c>response.create</c> frame, checked. Made by <c>CreateRequestReader</c>
/// only.</summary>
public sealed record CreateRequest
{
    public string? Model { get; init; }
    public IReadOnlyList<Item> Input { get; init; } = [];

    /// <summary>Whether <c>input</c> was there at all; an empty array counts.</summary>
    public bool HasInput { get; init; }
    public string? Instructions { get; init; }
    public ResponseId? PreviousResponseId { get; init; }
    public bool Store { get; init; } = true;
    public bool Stream { get; init; }

    /// <summary>False: a warm-up (WebSocket, or <c>prompt_cache_options.prewarm</c>).</summary>
    public bool Generate { get; init; } = true;
    public LaneId Lane { get; init; }

    /// <summary>Null when the request does not name tools.</summary>
    public ToolList? Tools { get; init; }
    public ToolChoice ToolChoice { get; init; } = new ToolChoice.Auto();
    public bool ParallelToolCalls { get; init; } = true;
    public double? Temperature { get; init; }
    public double? TopP { get; init; }
    public double? PresencePenalty { get; init; }
    public double? FrequencyPenalty { get; init; }
    public int? TopLogprobs { get; init; }
    public int? MaxOutputTokens { get; init; }
    public int? MaxToolCalls { get; init; }
    public long? Seed { get; init; }

    /// <summary>An extension: only the k most likely tokens; 0 means no bound.</summary>
    public int? TopK { get; init; }

    /// <summary>An extension: only tokens at least this share as likely as the most likely one.</summary>
    public double? MinP { get; init; }
    /// <summary>An extension: the answer's words end before the first of these texts.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];
    public string? ReasoningEffort { get; init; }
    public string? ReasoningSummary { get; init; }

    /// <summary>Which reasoning of earlier turns the model sees; null leaves it to the model.</summary>
    public string? ReasoningContext { get; init; }
    public string? ReasoningMode { get; init; }

    /// <summary>An extension: what the logits of single tokens are changed by.</summary>
    public IReadOnlyDictionary<int, float>? LogitBias { get; init; }
    public TextFormat Format { get; init; } = new TextFormat.Plain();
    public string? Verbosity { get; init; }
    public IReadOnlyList<string> Include { get; init; } = [];
    public bool TruncationAuto { get; init; }
    public string? PromptCacheKey { get; init; }
    public string? SafetyIdentifier { get; init; }
    public string? User { get; init; }

    /// <summary>The user as a Messages client names it: longer than other protocols allow.</summary>
    public string? MessagesUser { get; init; }
    public string? ServiceTier { get; init; }

    /// <summary>Asks for <c>prompt_cache_diagnostics</c> against this response.</summary>
    public ResponseId? CacheComparison { get; init; }
    public RawJson Metadata { get; init; }

    /// <summary>
    /// Whether the assistant's message at the end is the beginning of the answer, which holds only what comes behind it; set by protocols
    /// that have this.
    /// </summary>
    public bool ContinuesAnswer { get; init; }

    /// <summary>Whether the request names <c>store</c>, and so does not leave it to what it continues.</summary>
    public bool SaysStore => Fields.Any(pair => pair.Key == "store" && !pair.Value.IsNull);

    /// <summary>Whether only the cache is to be warmed.</summary>
    public bool MakesNoWords => !Generate || MaxOutputTokens == 0;

    /// <summary>Whether the probabilities of the answer's tokens are asked for.</summary>
    public bool WantsLogprobs => TopLogprobs > 0 || Include.Contains("message.output_text.logprobs", StringComparer.Ordinal);

    /// <summary>Whether the request names the field at all, null included.</summary>
    public bool Has(string field) => Fields.Any(pair => pair.Key == field);

    /// <summary>Every top-level field as it came, in order, known or not: what an upstream body is put together from.</summary>
    public IReadOnlyList<KeyValuePair<string, RawJson>> Fields { get; init; } = [];

    /// <summary>From the headers of the request or of the upgrade; set at the edge, not part of the body.</summary>
    public SessionHints Hints { get; init; } = SessionHints.None;

    /// <summary>Bytes of the body or frame.</summary>
    public int Bytes { get; init; }
}

/// <summary>What shape the answer's text must have (<c>text.format</c>).</summary>
public abstract record TextFormat
{
    private TextFormat() { }
    public sealed record Plain : TextFormat;
    public sealed record JsonObject : TextFormat;
    public sealed record JsonSchema(string Name, RawJson Schema, bool? Strict, string? Description) : TextFormat;
}
