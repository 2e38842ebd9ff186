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

    /// <summary>Bytes of the files that state is kept in.</summary>
    public long DiskBytes { get; init; }

    /// <summary>Bytes that they may take; 0 where state is not kept on a disk.</summary>
    public long DiskBytesMax { get; init; }
    public long DiskWrites { get; init; }
    public long DiskReads { get; init; }

    /// <summary>Tokens whose state came from files.</summary>
    public long DiskTokens { get; init; }

    /// <summary>Files that were not what they must be, and were deleted: torn, changed, of another model, version or key.</summary>
    public long DiskRefused { get; init; }

    /// <summary>Writes that failed; for a while nothing is written then.</summary>
    public long DiskFailures { get; init; }

    /// <summary>Why files are not used though they shall be; null: they are, or shall not be.</summary>
    public string? DiskFault { get; init; }

    /// <summary>Pieces that were not written because too many waited for the disk.</summary>
    public long DiskSkipped { get; init; }
}
