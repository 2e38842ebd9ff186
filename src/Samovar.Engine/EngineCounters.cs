namespace Samovar.Engine;

/// <summary>The engine's own counts since start, and what it holds now.</summary>
public sealed record EngineCounters
{
    public long Turns { get; init; }
    public long PromptTokens { get; init; }
    public long PrefilledTokens { get; init; }
    public long CachedTokens { get; init; }

    /// <summary>Tokens that were computed before anybody asked for them; they are no turn's prefilled ones.</summary>
    public long BackgroundTokens { get; init; }
    public long OutputTokens { get; init; }
    public long Batches { get; init; }

    /// <summary>Tokens that were computed as drafts, and those of them that were then sampled.</summary>
    public long DraftedTokens { get; init; }
    public long AcceptedTokens { get; init; }
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
    /// <summary>Tokens whose state is in streams.</summary>
    public long StreamTokens { get; init; }
    public long ParkedBytes { get; init; }
    public long ParkedBytesMax { get; init; }
}
