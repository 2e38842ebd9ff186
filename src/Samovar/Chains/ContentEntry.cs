namespace Samovar.Chains;

/// <summary>A response in the <see cref="ContentIndex"/>, or one that only others there stand on.</summary>
/// <remarks>One object with the links of all its lists: there are as many as responses, and the collector moves each of them.</remarks>
internal sealed class ContentEntry(ChainNode node)
{
    public ChainNode Node { get; } = node;
    public ContentEntry? Parent { get; set; }
    public int Children { get; set; }

    /// <summary>Whether its warm state is held.</summary>
    public bool IsHeld { get; set; }

    /// <summary>Whether it can be found.</summary>
    public bool IsListed { get; set; }

    /// <summary>In ticks of UTC.</summary>
    public long UsedAt { get; set; }

    // Those that say the same, by age.
    public ContentEntry? Older { get; set; }
    public ContentEntry? Newer { get; set; }

    // The ends of chains, by use.
    public ContentEntry? Before { get; set; }
    public ContentEntry? After { get; set; }
}

/// <summary>Ends of chains, the least recently used first. Not for two threads at once.</summary>
internal sealed class ContentEnds
{
    private ContentEntry? _last;

    public ContentEntry? First { get; private set; }

    public void AddFirst(ContentEntry entry)
    {
        entry.After = First;
        if (First is { } first) first.Before = entry;
        else _last = entry;
        First = entry;
    }

    public void AddLast(ContentEntry entry)
    {
        entry.Before = _last;
        if (_last is { } last) last.After = entry;
        else First = entry;
        _last = entry;
    }

    /// <summary>Takes one out; false where it is not among them.</summary>
    public bool Remove(ContentEntry entry)
    {
        if (entry.Before is { } before) before.After = entry.After;
        else if (First == entry) First = entry.After;
        else return false;
        if (entry.After is { } after) after.Before = entry.Before;
        else _last = entry.Before;
        (entry.Before, entry.After) = (null, null);
        return true;
    }
}
