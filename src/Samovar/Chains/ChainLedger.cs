namespace Samovar.Chains;

/// <summary>Counts the bytes of chains that somebody keeps by their newest responses; what they share counts once.</summary>
/// <remarks>Adding a continuation and removing what it continues costs one node, whatever the chain's length.</remarks>
internal sealed class ChainLedger
{
    private Dictionary<ChainNode, int>? _uses; // by chains' ends and by nodes behind; made with the first, most connections are idle

    /// <summary>Bytes of all nodes that are kept in memory by those added.</summary>
    public long Bytes { get; private set; }

    public IEnumerable<ChainNode> Nodes => _uses?.Keys ?? Enumerable.Empty<ChainNode>();

    public void Add(ChainNode end)
    {
        _uses ??= new(ReferenceEqualityComparer.Instance);
        for (var node = end; node is not null; node = node.Parent)
        {
            var isKnown = _uses.TryGetValue(node, out var uses);
            _uses[node] = uses + 1;
            if (isKnown) return;
            Bytes += node.Bytes;
        }
    }

    /// <summary>Adds one, removes another, or does both.</summary>
    public void Change(ChainNode? added, ChainNode? removed)
    {
        if (added is not null && removed is not null) Replace(added, removed);
        else if (added is not null) Add(added);
        else if (removed is not null) Remove(removed);
    }

    /// <summary>Adds one end and removes another: where one continues the other, what is below them is not looked at.</summary>
    private void Replace(ChainNode end, ChainNode before)
    {
        if (_uses is not null && end.Parent == before && _uses.ContainsKey(before) && _uses.TryAdd(end, 1)) Bytes += end.Bytes;
        else if (_uses is not null && before.Parent == end && _uses.TryGetValue(before, out var uses) && uses == 1)
        {
            _uses.Remove(before);
            Bytes -= before.Bytes;
        }
        else
        {
            Add(end); // first: what they share is not counted again
            Remove(before);
        }
    }

    public void Remove(ChainNode end)
    {
        for (var node = end; node is not null; node = node.Parent)
        {
            var uses = _uses![node] - 1;
            if (uses > 0)
            {
                _uses[node] = uses;
                return;
            }
            _uses.Remove(node);
            Bytes -= node.Bytes;
        }
    }
}
