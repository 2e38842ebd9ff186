namespace Samovar.Engine.Sequences;

/// <summary>The streams and their places in the trees.</summary>
internal sealed class StreamTable(int count, SegmentTree tree)
{
    public IReadOnlyList<StreamSlot> Slots { get; } = [.. Enumerable.Range(0, count).Select(index => new StreamSlot(index))];

    public bool AnyIdle => Slots.Any(slot => slot.IsIdle);

    /// <summary>Moves a stream to another path; costs the difference between the two.</summary>
    public void Move(StreamSlot slot, Segment? leaf)
    {
        var old = slot.Leaf;
        if (ReferenceEquals(old, leaf)) return;
        var meeting = Meeting(old, leaf);
        for (var at = leaf; at is not null && !ReferenceEquals(at, meeting); at = at.Parent) at.Streams++;
        for (var at = old; at is not null && !ReferenceEquals(at, meeting); at = at.Parent) at.Streams--;
        slot.Leaf = leaf;
        if (old is not null) tree.Prune(old);
    }

    /// <summary>The deepest segment that two paths have in common; null where none is.</summary>
    public static Segment? Meeting(Segment? one, Segment? other)
    {
        while (one is not null && other is not null && !ReferenceEquals(one, other))
        {
            if (one.End >= other.End) one = one.Parent; // the deeper one moves up; two of one depth are never above each other
            else other = other.Parent;
        }
        return one is null || other is null ? null : one;
    }
}
