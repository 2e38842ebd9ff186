namespace Samovar.Engine;

/// <summary>The engine's counts. Written by its thread (refusals apart), read by any.</summary>
internal sealed class EngineMeters
{
    public long Turns, PromptTokens, PrefilledTokens, CachedTokens, OutputTokens, Batches, BackgroundTokens, DraftedTokens, AcceptedTokens;
    public long Parks, Restores, Evictions, Refusals, Preemptions;
    public int TurnsQueued, TurnsRunning, StreamsBusy, StreamsHeld;
    public long StreamTokens, ParkedBytes;

    /// <summary>Of state files. Written by the threads that read and write them.</summary>
    public long DiskBytes, DiskWrites, DiskReads, DiskRefused, DiskFailures, DiskSkipped, DiskTokens;

    /// <summary>Prompt tokens were computed, for a turn or before anybody asked.</summary>
    public void Prefilled(int tokens, bool isBackground)
    {
        if (isBackground) BackgroundTokens += tokens;
        else PrefilledTokens += tokens;
    }

    public EngineCounters Snapshot(long parkedBytesMax, long diskBytesMax = 0) => new()
    {
        Turns = Volatile.Read(ref Turns),
        PromptTokens = Volatile.Read(ref PromptTokens),
        PrefilledTokens = Volatile.Read(ref PrefilledTokens),
        CachedTokens = Volatile.Read(ref CachedTokens),
        BackgroundTokens = Volatile.Read(ref BackgroundTokens),
        OutputTokens = Volatile.Read(ref OutputTokens),
        Batches = Volatile.Read(ref Batches),
        DraftedTokens = Volatile.Read(ref DraftedTokens),
        AcceptedTokens = Volatile.Read(ref AcceptedTokens),
        Parks = Volatile.Read(ref Parks),
        Restores = Volatile.Read(ref Restores),
        Evictions = Volatile.Read(ref Evictions),
        Preemptions = Volatile.Read(ref Preemptions),
        Refusals = Volatile.Read(ref Refusals),
        TurnsQueued = Volatile.Read(ref TurnsQueued),
        TurnsRunning = Volatile.Read(ref TurnsRunning),
        StreamsBusy = Volatile.Read(ref StreamsBusy),
        StreamsHeld = Volatile.Read(ref StreamsHeld),
        StreamTokens = Volatile.Read(ref StreamTokens),
        ParkedBytes = Volatile.Read(ref ParkedBytes),
        ParkedBytesMax = parkedBytesMax,
        DiskBytes = Volatile.Read(ref DiskBytes),
        DiskBytesMax = diskBytesMax,
        DiskWrites = Volatile.Read(ref DiskWrites),
        DiskReads = Volatile.Read(ref DiskReads),
        DiskTokens = Volatile.Read(ref DiskTokens),
        DiskRefused = Volatile.Read(ref DiskRefused),
        DiskFailures = Volatile.Read(ref DiskFailures),
        DiskSkipped = Volatile.Read(ref DiskSkipped),
    };
}
