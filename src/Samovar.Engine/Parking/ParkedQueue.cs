using System.Runtime.InteropServices;
using Samovar.Engine.Retention;
using Samovar.Engine.Sequences;

namespace Samovar.Engine.Parking;

/// <summary>What could be given up by itself: a segment's checkpoint, or the rows of one without any behind them.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ParkedItem(Segment Segment, bool IsCheckpoint);

/// <summary>What could be given up, by rank: a queue for each tier.</summary>
internal sealed class ParkedQueue
{
    private readonly Dictionary<ParkedItem, int> _tiers = [];
    private readonly RetentionQueue<ParkedItem>[] _queues =
        [.. Enumerable.Range(0, ParkedRank.Tiers).Select(_ => new RetentionQueue<ParkedItem>())];

    public IReadOnlyCollection<ParkedItem> Items => _tiers.Keys;

    /// <summary>Adds an item, or ranks it again.</summary>
    public void Set(ParkedItem item, ParkedRank rank, TimeSpan until)
    {
        if (_tiers.TryGetValue(item, out var tier) && tier != rank.Tier) _queues[tier].Remove(item);
        _tiers[item] = rank.Tier;
        _queues[rank.Tier].Set(item, rank.Score, until);
    }

    public void Remove(ParkedItem item)
    {
        if (_tiers.Remove(item, out var tier)) _queues[tier].Remove(item);
    }

    /// <summary>An item whose rank no longer holds; it stays until it is set again or removed.</summary>
    public bool TryTakeStale(TimeSpan now, out ParkedItem item)
    {
        foreach (var queue in _queues)
            if (queue.TryTakeStale(now, out item)) return true;
        item = default;
        return false;
    }

    /// <summary>What goes first; it stays until it is removed.</summary>
    public bool TryPeek(out ParkedItem item, out ParkedRank rank)
    {
        for (var tier = 0; tier < _queues.Length; tier++)
            if (_queues[tier].TryPeek(out item, out var score))
            {
                rank = new ParkedRank(tier, score);
                return true;
            }
        (item, rank) = (default, default);
        return false;
    }
}
