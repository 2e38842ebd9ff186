using System.Threading.Channels;

namespace Samovar.Engine;

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

    /// <summary>How far it is; any thread.</summary>
    public virtual EngineProgress Progress => default;

    /// <summary>Ends the turn within one batch; what was prefilled stays reusable.</summary>
    public abstract void Cancel();

    /// <summary>As <see cref="Cancel"/>, but all that was sampled is handed over, and stays reusable with the prompt.</summary>
    public abstract void Stop();
}

/// <summary>How far a turn is, in tokens.</summary>
/// <param name="HasBegun">Whether it has had a stream: before that nothing is known.</param>
public readonly record struct EngineProgress(bool HasBegun, int CachedTokens, int PrefilledTokens, int OutputTokens);

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

    /// <summary>Ended by its owner before its time, as if by a limit.</summary>
    Stopped,
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

    /// <summary>Tokens that were computed as drafts: guesses of what comes next.</summary>
    public int DraftedTokens { get; init; }

    /// <summary>Sampled tokens that a draft had right: each saved a batch.</summary>
    public int AcceptedTokens { get; init; }

    /// <summary>Prompt and sampled tokens as one path: what a continuation appends to.</summary>
    public required TokenPath Path { get; init; }

    /// <summary>The hold on the state of <see cref="Path"/>; null when the turn failed or was refused.</summary>
    public SequencePin? Pin { get; init; }

    /// <summary>What became of the prefix that was to be kept; null where none was, or it was not computed.</summary>
    public PrefixKeeping? Keeping { get; init; }

    /// <summary>Where the cached tokens came from.</summary>
    public CacheSource Source { get; init; }

    /// <summary>How long it took to bring the cached tokens to the turn's stream; zero where they were there.</summary>
    public TimeSpan Restored { get; init; }

    /// <summary>What was given up of the path that the turn goes on from; null where nothing was, or it is not known.</summary>
    public StateLoss? Lost { get; init; }

    /// <summary>From Begin to the first batch that held the turn.</summary>
    public TimeSpan Queued { get; init; }

    /// <summary>From Begin to the first sampled token (or the end of prefill where none was sampled).</summary>
    public TimeSpan FirstToken { get; init; }

    /// <summary>Where its time went, as far as <see cref="EngineTurnSpec.SpansMax"/> allows; they come in their order.</summary>
    public IReadOnlyList<EngineSpan> Spans { get; init; } = [];

    /// <summary>For <see cref="EngineTurnEndKind.Refused"/>: when it is worth to come again.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>For <see cref="EngineTurnEndKind.Failed"/>: the cause, for the log.</summary>
    public string? Failure { get; init; }

    /// <summary>For <see cref="EngineTurnEndKind.Failed"/> by the turn's own grammar: the cause, for the request's author.</summary>
    public string? GrammarFault { get; init; }
}

/// <summary>Where a turn's cached tokens came from: the reason of a hit or a miss.</summary>
public enum CacheSource { None, OwnStream, OtherStream, Parked, Disk }
