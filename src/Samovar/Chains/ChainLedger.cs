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
