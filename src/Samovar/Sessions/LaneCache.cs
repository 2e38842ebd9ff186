using Samovar.Chains;
using Samovar.Metering;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;

namespace Samovar.Sessions;

/// <summary>The newest response of each lane of one connection: memory only, so that <c>store:false</c> chains can go on.</summary>
internal sealed class LaneCache(SessionMetrics metrics)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<LaneId, ChainNode> _newest = [];
    private bool _isClosed;

    /// <summary>The response, if it is the newest of any lane: a fork names a response of another lane.</summary>
    public ChainNode? Find(ResponseId id)
    {
        lock (_gate)
        {
            foreach (var node in _newest.Values)
                if (node.Id == id) return node;
            return null;
        }
    }

    public ChainNode? Newest(LaneId lane)
    {
        lock (_gate) return _newest.GetValueOrDefault(lane);
    }

    /// <summary>An item of any chain that is kept here. Costs the histories: for <c>item_reference</c>, which names what is old.</summary>
    public Item? FindItem(string itemId)
    {
        ChainNode[] nodes;
        lock (_gate) nodes = [.. _newest.Values];
        foreach (var newest in nodes)
            for (var node = newest; node is not null; node = node.Parent)
                foreach (var item in node.Output.Concat(node.Input))
                    if (string.Equals(item.Id, itemId, StringComparison.Ordinal)) return item;
        return null;
    }

    /// <summary>The lane's newest response from now on; what it had before is let go.</summary>
    public void Keep(LaneId lane, ChainNode node)
    {
        ChainNode? before;
        lock (_gate)
        {
            if (_isClosed) return;
            node.Hold();
            before = _newest.GetValueOrDefault(lane);
            _newest[lane] = node;
        }
        LetGo(before, "superseded");
    }

    /// <summary>
    /// A continuation of <paramref name="previous"/> failed on <paramref name="lane"/>: gone, if it is this lane's own; another lane's
    /// stays.
    /// </summary>
    public void NoteFailure(LaneId lane, ResponseId? previous)
    {
        ChainNode? evicted = null;
        lock (_gate)
            if (previous is not null && _newest.GetValueOrDefault(lane) is { } newest && newest.Id == previous)
                _newest.Remove(lane, out evicted);
        LetGo(evicted, "failed_continuation");
    }

    /// <summary>The connection is gone.</summary>
    public void Clear()
    {
        ChainNode[] nodes;
        lock (_gate)
        {
            _isClosed = true;
            nodes = [.. _newest.Values];
            _newest.Clear();
        }
        foreach (var node in nodes) LetGo(node, "closed");
    }

    private void LetGo(ChainNode? node, string reason)
    {
        if (node is null) return;
        node.LetGo(); // outside the lock: releasing warm state is the backend's code
        metrics.Evicted.Add(1, new KeyValuePair<string, object?>(Labels.Reason, reason));
    }
}
