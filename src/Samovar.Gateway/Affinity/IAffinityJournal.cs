namespace Samovar.Gateway.Affinity;

/// <summary>One memory of where a conversation went.</summary>
/// <param name="UsedAt">When it was last confirmed; it counts for the time to live from then on.</param>
internal readonly record struct AffinityRow(AffinityKey Key, string Destination, DateTimeOffset UsedAt);

/// <summary>Where affinity outlives the process. It is never asked while a turn waits, and losing it costs cache hits only.</summary>
internal interface IAffinityJournal
{
    /// <summary>What an earlier process left that is still young enough, the oldest first; called once, before the first turn.</summary>
    IReadOnlyList<AffinityRow> Read();

    /// <summary>Must not block and must not throw.</summary>
    void Note(AffinityRow row);
}

/// <summary>Affinity that ends with the process.</summary>
internal sealed class NoAffinityJournal : IAffinityJournal
{
    public IReadOnlyList<AffinityRow> Read() => [];

    public void Note(AffinityRow row)
    {
        // there is nowhere to write it
    }
}
