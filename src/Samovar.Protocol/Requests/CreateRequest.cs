using System.Collections.Immutable;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Requests;

/// <summary>The body of <c>POST /v1/responses</c> and of a <c>response.create</c> frame, checked. Made by <c>CreateRequestReader</c>
/// only.</summary>
/// <remarks>Its fields are set while it is read, and never once somebody else has it: chains share one object.</remarks>
public sealed record CreateRequest
{
    public string? Model { get; internal set; }
    public IReadOnlyList<Item> Input { get; internal set; } = [];

    /// <summary>Whether <c>input</c> was there at all; an empty array counts.</summary>
    public bool HasInput { get; internal set; }
    public string? Instructions { get; internal set; }
    public ResponseId? PreviousResponseId { get; internal set; }

    /// <summary>Whether it continues a thread of the Messages API, whose system prompt and tools are those that the thread began
    /// with.</summary>
    public bool ContinuesThread { get; internal set; }

    /// <summary>The conversation whose items are the context, and which the turn's items are added to.</summary>
    public ConversationId? Conversation { get; internal set; }
    public bool Store { get; internal set; } = true;
    public bool Stream { get; internal set; }

    /// <summary>Whether the turn goes on without its client.</summary>
    public bool Background { get; internal set; }

    /// <summary>An extension: the client's own name for this turn, so that asking for it twice runs it once.</summary>
    public string? ResumeKey { get; internal set; }

    /// <summary>An extension: whether the client says that nothing follows this turn; null leaves it to <see cref="Hints"/>.</summary>
    public bool? Final { get; internal set; }

    /// <summary>Whether nothing follows this turn, by what its client says in any way.</summary>
    public bool IsFinal => Final ?? Hints.IsFinal;

    /// <summary>What the client calls the turn of its own that this request is part of (<c>client_metadata.turn_id</c>, of
    /// Codex).</summary>
    public string? ClientTurn => Field("client_metadata") is { IsEmpty: false } metadata && metadata.Utf8.Span[0] == '{'
        && metadata.Text("turn_id"u8) is { Length: > 0 and <= SessionHints.LengthMax } turn ? turn : null;

    /// <summary>False: a warm-up (WebSocket, or <c>prompt_cache_options.prewarm</c>).</summary>
    public bool Generate { get; internal set; } = true;
    public LaneId Lane { get; internal set; }

    /// <summary>Null when the request does not name tools.</summary>
    public ToolList? Tools { get; internal set; }
    public ToolChoice ToolChoice { get; internal set; } = ToolChoice.Default;
    public bool ParallelToolCalls { get; internal set; } = true;
    public double? Temperature { get; internal set; }
    public double? TopP { get; internal set; }
    public double? PresencePenalty { get; internal set; }
    public double? FrequencyPenalty { get; internal set; }
    public int? TopLogprobs { get; internal set; }
    public int? MaxOutputTokens { get; internal set; }
    public int? MaxToolCalls { get; internal set; }
    public long? Seed { get; internal set; }

    /// <summary>An extension: only the k most likely tokens; 0 means no bound.</summary>
    public int? TopK { get; internal set; }

    /// <summary>An extension: only tokens at least this share as likely as the most likely one.</summary>
    public double? MinP { get; internal set; }
    /// <summary>An extension: the answer's words end before the first of these texts.</summary>
    public IReadOnlyList<string> Stop { get; internal set; } = [];
    public string? ReasoningEffort { get; internal set; }
    public string? ReasoningSummary { get; internal set; }

    /// <summary>Which reasoning of earlier turns the model sees; null leaves it to the model.</summary>
    public string? ReasoningContext { get; internal set; }
    public string? ReasoningMode { get; internal set; }

    /// <summary>An extension: variables of the model's chat template, a JSON object (<c>chat_template_kwargs</c>).</summary>
    public RawJson TemplateVariables { get; internal set; }

    /// <summary>An extension: what the logits of single tokens are changed by.</summary>
    public IReadOnlyDictionary<int, float>? LogitBias { get; internal set; }
    public TextFormat Format { get; internal set; } = TextFormat.Default;
    public string? Verbosity { get; internal set; }
    public IReadOnlyList<string> Include { get; internal set; } = [];
    public bool TruncationAuto { get; internal set; }
    public string? PromptCacheKey { get; internal set; }
    public string? SafetyIdentifier { get; internal set; }
    public string? User { get; internal set; }

    /// <summary>The user as a Messages client names it: longer than other protocols allow.</summary>
    public string? MessagesUser { get; internal set; }

    /// <summary>What a Messages client says of thinking, for upstreams of that API; null: it is another one.</summary>
    public MessagesThinking? MessagesThinking { get; internal set; }

    /// <summary>What a Messages client says of its tools beside their form, by their names, for upstreams of that API.</summary>
    public RawJson MessagesTools { get; internal set; }

    /// <summary>What the client wrote before its system prompt for its provider alone: goes there, and nowhere else.</summary>
    public VolatileMark? Mark { get; internal set; }
    public string? ServiceTier { get; internal set; }

    /// <summary>Asks for <c>prompt_cache_diagnostics</c> against this response.</summary>
    public ResponseId? CacheComparison { get; internal set; }

    /// <summary>An extension: <c>prompt_cache_diagnostics</c> with all that is known, against the parent where no other is named.</summary>
    public bool WantsCacheDetails { get; internal set; }
    public RawJson Metadata { get; internal set; }

    /// <summary>
    /// Whether the assistant's message at the end is the beginning of the answer, which holds only what comes behind it; set by protocols
    /// that have this.
    /// </summary>
    public bool ContinuesAnswer { get; internal set; }

    /// <summary>Whether what the conversation says so far is to be compacted, and nothing answered (<c>compaction_trigger</c>).</summary>
    public bool Compacts { get; internal set; }

    /// <summary>How a client of the Messages API wants that; null: it is another one, which reads nothing of what becomes of it.</summary>
    public SummaryWish? Summary { get; internal set; }

    /// <summary>When the conversation is to be compacted before it is answered (<c>context_management</c>); null: never.</summary>
    public CompactionRule? Compaction { get; internal set; }

    /// <summary>What the model shall not see of the conversation, each behind what those before it left.</summary>
    public IReadOnlyList<ContextEdit> Edits { get; internal set; } = [];

    /// <summary>The same request where the model sees all of the conversation.</summary>
    public CreateRequest Unedited() => Edits.Count == 0 ? this : this with { Edits = [] };

    /// <summary>Whether the request names <c>store</c>, and so does not leave it to what it continues.</summary>
    public bool SaysStore => Field("store").IsSet();

    /// <summary>Whether only the cache is to be warmed.</summary>
    public bool MakesNoWords => !Generate || MaxOutputTokens == 0;

    /// <summary>Whether the probabilities of the answer's tokens are asked for.</summary>
    public bool WantsLogprobs => TopLogprobs > 0 || Include.Contains("message.output_text.logprobs", StringComparer.Ordinal);

    /// <summary>Whether the request names the field at all, null included.</summary>
    public bool Has(string field) => !Field(field).IsEmpty;

    /// <summary>The field as it came; empty where the request has none.</summary>
    public RawJson Field(string name)
    {
        foreach (var (field, value) in Fields)
            if (field == name) return value;
        return default;
    }

    /// <summary>Whether both ask for the same in the same way: all but what belongs to one turn alone.</summary>
    public bool HasSettingsOf(CreateRequest other) => ReferenceEquals(this, other) || (HasModelSettingsOf(other)
        && Model == other.Model && Instructions == other.Instructions && Store == other.Store
        && (Tools ?? ToolList.Empty).Json == (other.Tools ?? ToolList.Empty).Json && ToolChoice.Json == other.ToolChoice.Json
        && ParallelToolCalls == other.ParallelToolCalls && MaxToolCalls == other.MaxToolCalls
        && Include.SequenceEqual(other.Include, StringComparer.Ordinal) && TruncationAuto == other.TruncationAuto
        && PromptCacheKey == other.PromptCacheKey && SafetyIdentifier == other.SafetyIdentifier && User == other.User
        && MessagesUser == other.MessagesUser && MessagesTools == other.MessagesTools
        && Mark == other.Mark && ServiceTier == other.ServiceTier && Metadata == other.Metadata
        && Generate == other.Generate && Compaction == other.Compaction);

    private bool HasModelSettingsOf(CreateRequest other) =>
        Temperature == other.Temperature && TopP == other.TopP && TopK == other.TopK && MinP == other.MinP && Seed == other.Seed
        && PresencePenalty == other.PresencePenalty && FrequencyPenalty == other.FrequencyPenalty
        && TopLogprobs == other.TopLogprobs && MaxOutputTokens == other.MaxOutputTokens
        && Stop.SequenceEqual(other.Stop, StringComparer.Ordinal) && ReferenceEquals(LogitBias, other.LogitBias)
        && ReasoningEffort == other.ReasoningEffort && ReasoningSummary == other.ReasoningSummary
        && ReasoningContext == other.ReasoningContext && ReasoningMode == other.ReasoningMode
        && MessagesThinking == other.MessagesThinking
        && Format == other.Format && Verbosity == other.Verbosity && TemplateVariables == other.TemplateVariables;

    /// <summary>What a kept response needs of it: nothing that belongs to one turn alone. A warm-up stays one: those who continue it
    /// must know that nothing was answered there.</summary>
    public CreateRequest Settings() => this with
    {
        Input = [], HasInput = false, PreviousResponseId = null, ContinuesThread = false, Conversation = null,
        Stream = false, Background = false, ResumeKey = null,
        Final = null, Lane = default, CacheComparison = null, WantsCacheDetails = false, ContinuesAnswer = false, Compacts = false,
        Summary = null, Edits = [], Fields = [], Hints = SessionHints.None, Bytes = 0,
    };

    /// <summary>Every top-level field as it came, in order, known or not: what an upstream body is put together from.</summary>
    public ImmutableArray<KeyValuePair<string, RawJson>> Fields { get; internal set; } = [];

    /// <summary>From the headers of the request or of the upgrade; set at the edge, not part of the body.</summary>
    public SessionHints Hints { get; internal set; } = SessionHints.None;

    /// <summary>Bytes of the body or frame.</summary>
    public int Bytes { get; internal set; }
}

/// <summary>From which size on a conversation is compacted.</summary>
/// <param name="Threshold">Tokens of the rendered conversation; null leaves it to the server.</param>
public sealed record CompactionRule(int? Threshold);

/// <summary>A compaction that is shown in plain words beside its seal.</summary>
/// <param name="Instructions">What the model is asked for, in place of the server's own words; null leaves it to the server.</param>
public sealed record SummaryWish(string? Instructions);

/// <summary>What shape the answer's text must have (<c>text.format</c>).</summary>
public abstract record TextFormat
{
    public static readonly TextFormat Default = new Plain();

    private TextFormat() { }
    public sealed record Plain : TextFormat;
    public sealed record JsonObject : TextFormat;
    public sealed record JsonSchema(string Name, RawJson Schema, bool? Strict, string? Description) : TextFormat;
}
