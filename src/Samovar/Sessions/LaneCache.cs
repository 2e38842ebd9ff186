using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Scheduling.Fairness;

namespace Samovar.Sessions;

/// <summary>The newest response of each lane of one connection: memory only, so that <c>store:false</c> chains can go on.</summary>
internal sealed class LaneCache(RetentionBudget budget, FlowId flow = default) : RetainedLanes
{
    private readonly Lock _gate = budget.Gate;
    private readonly Dictionary<LaneId, Kept> _newest = [];
    private readonly ChainLedger _ledger = new();
    private Dictionary<LaneId, ResponseId>? _lost;
    private LinkedListNode<RetainedLanes>? _place;
    private long _uses;
    private bool _isClosed;

    public override FlowId Flow { get; } = flow;

    public override int Count => _newest.Count;

    /// <summary>Bytes of the chains that are kept; what lanes share counts once.</summary>
    public long Bytes { get { lock (_gate) return _ledger.Bytes; } }

    /// <summary>The response, if it is the newest of any lane: a fork names a response of another lane.</summary>
    public ChainNode? Find(ResponseId id)
    {
        lock (_gate)
        {
            foreach (var (lane, kept) in _newest)
            {
                if (kept.Node.Id != id) continue;
                _newest[lane] = Used(kept.Node);
                return kept.Node;
            }
            return null;
        }
    }

    public ChainNode? Newest(LaneId lane)
    {
        lock (_gate) return _newest.GetValueOrDefault(lane).Node;
    }

    /// <summary>
    /// The response that a lane had before it was let go for lack of room, or that another node keeps: a frame that only says "go on" must
    /// not silently start over. Until the lane has another one, or a turn was told that this one is not found.
    /// </summary>
    public ResponseId? Lost(LaneId lane)
    {
        lock (_gate) return _lost?.TryGetValue(lane, out var id) == true ? id : null;
    }

    /// <summary>What every lane has. Whoever looks for their items pays for the histories: for <c>item_reference</c>, which names what is
    /// old.</summary>
    public ChainNode[] Newest()
    {
        lock (_gate) return [.. _newest.Values.Select(kept => kept.Node)];
    }

    /// <summary>
    /// The lane's newest response from now on; what it had before is let go, and then, where a bound is passed, what was used least
    /// recently. The newest itself goes only if alone it is too large.
    /// </summary>
    public void Keep(LaneId lane, ChainNode node)
    {
        var gone = new List<LetGo>(1);
        lock (_gate)
        {
            if (_isClosed) return;
            node.Hold();
            var before = _newest.GetValueOrDefault(lane).Node;
            Note(node, before);
            if (before is not null) gone.Add(new LetGo(before, lane, LetGo.Superseded));
            _lost?.Remove(lane);
            _newest[lane] = Used(node);
            while (_ledger.Bytes > budget.ConnectionBytesMax && _newest.Count > 1) GiveOldest(gone, LetGo.ConnectionBytes);
            if (_ledger.Bytes > budget.ConnectionBytesMax) GiveOldest(gone, LetGo.TooLarge);
            budget.Trim(this, gone);
        }
        budget.Release(gone);
    }

    /// <summary>The lane's newest response is one that is not kept any more: what it had before is let go.</summary>
    public void Lose(LaneId lane, ResponseId id)
    {
        var gone = new List<LetGo>(1);
        lock (_gate)
        {
            if (_isClosed) return;
            Take(lane, LetGo.Superseded, gone);
            (_lost ??= [])[lane] = id;
        }
        budget.Release(gone);
    }

    public override void GiveOldest(List<LetGo> gone, string reason)
    {
        var (lane, kept) = _newest.MinBy(pair => pair.Value.UsedAt);
        (_lost ??= [])[lane] = kept.Node.Id;
        Take(lane, reason, gone);
    }

    /// <summary>
    /// A continuation of <paramref name="previous"/> failed on <paramref name="lane"/>: gone, if it is this lane's own; another lane's
    /// stays.
    /// </summary>
    public void NoteFailure(LaneId lane, ResponseId? previous)
    {
        if (previous is null) return;
        var gone = new List<LetGo>();
        lock (_gate)
        {
            if (_lost?.GetValueOrDefault(lane) == previous) _lost.Remove(lane); // it is reported now
            if (_newest.TryGetValue(lane, out var newest) && newest.Node.Id == previous) Take(lane, LetGo.FailedContinuation, gone);
        }
        budget.Release(gone);
    }

    /// <summary>The connection is gone.</summary>
    public void Clear()
    {
        var gone = new List<LetGo>();
        lock (_gate)
        {
            _isClosed = true;
            foreach (var lane in _newest.Keys.ToList()) Take(lane, LetGo.Closed, gone);
        }
        budget.Release(gone);
    }

    private Kept Used(ChainNode node)
    {
        budget.Touch(_place ??= new(this));
        return new Kept(node, ++_uses);
    }

    private void Take(LaneId lane, string reason, List<LetGo> gone)
    {
        if (!_newest.Remove(lane, out var kept)) return;
        Note(null, kept.Node);
        gone.Add(new LetGo(kept.Node, lane, reason));
        if (_newest.Count == 0 && _place is not null) budget.Leave(_place);
    }

    private void Note(ChainNode? added, ChainNode? removed)
    {
        var before = _ledger.Bytes;
        _ledger.Change(added, removed);
        budget.Add(Flow, _ledger.Bytes - before);
        budget.Count(added, removed);
    }

    /// <summary>A lane's newest response, and when it was kept or found last, in uses of this cache.</summary>
    private readonly record struct Kept(ChainNode Node, long UsedAt);
}
