using System.Threading.Channels;
using Samovar.Scheduling.Fairness;

namespace Samovar.Engine;

/// <summary>Runs token sequences on one model: prefill, decode, reuse of what is already computed. Tokens only; safe to call from any
/// thread.</summary>
public interface ISequenceEngine : IAsyncDisposable
{
    /// <summary>The loaded model's facts.</summary>
    ModelFacts Model { get; }

    /// <summary>Text to tokens and back, of the loaded model. Thread-safe.</summary>
    ITokenizer Tokenizer { get; }

    /// <summary>
    /// Has a turn's grammar compiled, in its flow's turn, so that <see cref="Begin"/> finds it; null when it is ready (or there is none),
    /// else what <see cref="Begin"/> would answer.
    /// </summary>
    ValueTask<EngineAdmission?> PrepareAsync(SamplingSettings sampling, FlowId flow, CancellationToken turnCancelled) => default;

    /// <summary>Hands a turn to the engine's thread. Never blocks: a full queue or a turn that can never fit is an answer.</summary>
    EngineAdmission Begin(EngineTurnSpec spec);

    /// <summary>Counters and occupancy since start, for health, metrics and proofs.</summary>
    EngineCounters Counters { get; }
}

/// <summary>What the engine says to a turn at its door.</summary>
public abstract record EngineAdmission
{
    private EngineAdmission() { }

    /// <summary>The turn is queued or runs.</summary>
    public sealed record Admitted(EngineTurn Turn) : EngineAdmission;

    /// <summary>The queue is full; worth a retry after the given time.</summary>
    public sealed record Busy(TimeSpan RetryAfter) : EngineAdmission;

    /// <summary>The prompt and its output cannot fit a stream's cells, now or later.</summary>
    public sealed record TooLong(int PromptTokens, int ContextTokens) : EngineAdmission;

    /// <summary>The grammar does not compile; the reason is for the request's author.</summary>
    public sealed record BadGrammar(string Reason) : EngineAdmission;
}

/// <summary>One turn's work in tokens.</summary>
public sealed record EngineTurnSpec
{
    /// <summary>Who may share computed state with whom: tenant (and adapter). State never crosses namespaces.</summary>
    public required string Namespace { get; init; }

    /// <summary>Whose share of places and turns it takes; default: the namespace's own.</summary>
    public FlowId Flow { get => field.Value is null ? new FlowId(Namespace) : field; init; }

    /// <summary>The whole context in tokens.</summary>
    public required TokenPath Prompt { get; init; }

    /// <summary>What an earlier turn of this chain left; only a shortcut: with it the lookup costs the delta, without it the result is the
    /// same.</summary>
    public SequencePin? ContinueFrom { get; init; }

    /// <summary>Most tokens to sample. 0 computes the prompt and samples nothing (a warm-up).</summary>
    public int OutputTokensMax { get; init; } = int.MaxValue;

    /// <summary>How the next token is chosen.</summary>
    public SamplingSettings Sampling { get; init; } = new();

    /// <summary>Tokens that end the turn besides the model's own end-of-generation tokens.</summary>
    public IReadOnlyList<int> StopTokens { get; init; } = [];
}

/// <summary>How a turn's tokens are chosen. The defaults are the API's: temperature 1, top_p 1.</summary>
public sealed record SamplingSettings
{
    /// <summary>0 is greedy.</summary>
    public float Temperature { get; init; } = 1f;
    public float TopP { get; init; } = 1f;
    public int TopK { get; init; }
    public float MinP { get; init; }
    public float PresencePenalty { get; init; }
    public float FrequencyPenalty { get; init; }
    public float RepeatPenalty { get; init; } = 1f;
    public uint? Seed { get; init; }

    /// <summary>Added to the logits of these tokens before anything else.</summary>
    public IReadOnlyDictionary<int, float>? LogitBias { get; init; }

    /// <summary>GBNF with a rule named <c>root</c>; null lets the model speak freely.</summary>
    public string? Grammar { get; init; }

    /// <summary>With a grammar: it binds only from the first of these texts on (a lazy grammar); empty means from the first
    /// token.</summary>
    public IReadOnlyList<string> GrammarTriggers { get; init; } = [];

    /// <summary>0 to 20 most likely tokens to report with each step; null reports no log-probabilities.</summary>
    public int? TopLogprobs { get; init; }
}

/// <summary>A running turn. Its owner reads <see cref="Steps"/> to the end, then awaits <see cref="Ended"/>.</summary>
public abstract class EngineTurn
{
    /// <summary>Sampled tokens in order, the end-of-generation token included. Bounded: the engine pauses this turn alone while it is
    /// full.</summary>
    public abstract ChannelReader<TokenStep> Steps { get; }

    /// <summary>Ends when the turn begins to run, or with the turn; never faults.</summary>
    public abstract Task Started { get; }

    /// <summary>Ends with the turn, never faults for a cancelled one.</summary>
    public abstract Task<EngineTurnEnd> Ended { get; }

    /// <summary>Ends the turn within one batch; what was prefilled stays reusable.</summary>
    public abstract void Cancel();
}

/// <summary>One sampled token.</summary>
/// <param name="Token">Its id.</param>
/// <param name="Piece">Its bytes, not necessarily whole UTF-8; empty for an end-of-generation token.</param>
/// <param name="IsEnd">Whether it ended the turn (end-of-generation or stop token).</param>
/// <param name="LogProb">Its log-probability, where asked for.</param>
/// <param name="Top">The most likely tokens, where asked for.</param>
public readonly record struct TokenStep(
    int Token, ReadOnlyMemory<byte> Piece, bool IsEnd, float? LogProb, IReadOnlyList<TokenAlternative>? Top);

/// <summary>A token that could have been chosen.</summary>
public readonly record struct TokenAlternative(int Token, ReadOnlyMemory<byte> Piece, float LogProb);

/// <summary>Why a turn ended.</summary>
public enum EngineTurnEndKind
{
    EndOfGeneration,
    OutputLimit,
    ContextFull,
    Cancelled,
    Failed,

    /// <summary>The queue was full and its flow's line the longest: it gave way to another flow's turn and never ran.</summary>
    Refused,
}

/// <summary>What a turn did, in the engine's own counts.</summary>
public sealed record EngineTurnEnd
{
    public required EngineTurnEndKind Kind { get; init; }

    /// <summary>Prompt tokens not prefilled, because their state was held, restored or shared.</summary>
    public required int CachedTokens { get; init; }

    /// <summary>Prompt tokens that were decoded now; cached + prefilled = prompt.</summary>
    public required int PrefilledTokens { get; init; }

    /// <summary>Sampled tokens, the end token included.</summary>
    public required int OutputTokens { get; init; }

    /// <summary>Prompt and sampled tokens as one path: what a continuation appends to.</summary>
    public required TokenPath Path { get; init; }

    /// <summary>The hold on the state of <see cref="Path"/>; null when the turn failed or was refused.</summary>
    public SequencePin? Pin { get; init; }

    /// <summary>Where the cached tokens came from.</summary>
    public CacheSource Source { get; init; }

    /// <summary>From Begin to the first batch that held the turn.</summary>
    public TimeSpan Queued { get; init; }

    /// <summary>From Begin to the first sampled token (or the end of prefill where none was sampled).</summary>
    public TimeSpan FirstToken { get; init; }

    /// <summary>For <see cref="EngineTurnEndKind.Refused"/>: when it is worth to come again.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>For <see cref="EngineTurnEndKind.Failed"/>: the cause, for the log.</summary>
    public string? Failure { get; init; }

    /// <summary>For <see cref="EngineTurnEndKind.Failed"/> by the turn's own grammar: the cause, for the request's author.</summary>
    public string? GrammarFault { get; init; }
}

/// <summary>Where a turn's cached tokens came from: the reason of a hit or a miss.</summary>
public enum CacheSource { None, OwnStream, OtherStream, Parked }

/// <summary>A hold on warm state for a chain. Dropping it lets the state go first when room is needed; keeping it promises nothing beyond
/// the budgets.</summary>
public abstract class SequencePin : IDisposable
{
    /// <summary>The path whose state is held.</summary>
    public abstract TokenPath Path { get; }

    /// <summary>Ends the hold; any thread, any number of times.</summary>
    public abstract void Dispose();
}

/// <summary>Text to tokens and back.</summary>
public interface ITokenizer
{
    int VocabularySize { get; }

    /// <summary>Token ids of a text. <paramref name="parseSpecial"/>: control tokens spelled in the text become those tokens (template text
    /// yes, users' text no).</summary>
    int[] Tokenize(ReadOnlySpan<char> text, bool addSpecial, bool parseSpecial);

    /// <summary>The same, given up soon after more than so many tokens were found: what is returned is then only the text's
    /// start.</summary>
    int[] Tokenize(ReadOnlySpan<char> text, bool addSpecial, bool parseSpecial, int tokensMax, CancellationToken cancelled) =>
        Tokenize(text, addSpecial, parseSpecial);

    /// <summary>Bytes of text that one token stands for at most, so that a text has no fewer tokens than its bytes divided by it; null
    /// where that does not follow.</summary>
    int? PieceBytesMax => null;

    /// <summary>The bytes of a token as it stands in text; empty for control tokens unless <paramref name="special"/>.</summary>
    ReadOnlyMemory<byte> Piece(int token, bool special = false);

    /// <summary>Whether the model ends its turn with this token.</summary>
    bool IsEndOfGeneration(int token);

    /// <summary>Whether the token is a control token of the vocabulary (user-defined special tokens are not).</summary>
    bool IsControl(int token);

    int? BeginOfText { get; }
    int? EndOfTurn { get; }

    /// <summary>Whether the model wants a begin-of-text token in front of a prompt.</summary>
    bool AddsBeginOfText { get; }
}

/// <summary>What is known of the loaded model and of the engine's layout for it.</summary>
public sealed record ModelFacts
{
    public required string Name { get; init; }
    public required string Path { get; init; }
    public required string Architecture { get; init; }

    /// <summary>Changes whenever state of one cannot serve the other: file hash, vocabulary, KV types, context parameters, library
    /// version.</summary>
    public required string Identity { get; init; }
    public required long Parameters { get; init; }
    public required int TrainedContext { get; init; }

    /// <summary>Most tokens of one sequence.</summary>
    public required int ContextTokens { get; init; }
    public required int Streams { get; init; }

    /// <summary>Bytes of state per token.</summary>
    public required int StateBytesPerToken { get; init; }

    /// <summary>The GGUF's own chat template, as text.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>Whether tails can be cut off and rows spliced; false for recurrent and sliding-window models, which work with whole
    /// snapshots.</summary>
    public required bool CanTruncate { get; init; }
    public required string LibraryVersion { get; init; }
}

/// <summary>The engine's own counts since start, and what it holds now.</summary>
public sealed record EngineCounters
{
    public long Turns { get; init; }
    public long PromptTokens { get; init; }
    public long PrefilledTokens { get; init; }
    public long CachedTokens { get; init; }
    public long OutputTokens { get; init; }
    public long Batches { get; init; }
    public long Parks { get; init; }
    public long Restores { get; init; }
    public long Evictions { get; init; }
    public long Refusals { get; init; }

    /// <summary>Streams that were taken back between tokens for turns of other flows; those turns went on later.</summary>
    public long Preemptions { get; init; }
    public int TurnsQueued { get; init; }
    public int TurnsRunning { get; init; }
    public int StreamsBusy { get; init; }
    public int StreamsHeld { get; init; }
    public long ParkedBytes { get; init; }
    public long ParkedBytesMax { get; init; }
}
