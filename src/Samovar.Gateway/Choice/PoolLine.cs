using Samovar.Gateway.Destinations;
using Samovar.Scheduling.Fairness;

namespace Samovar.Gateway.Choice;

/// <summary>Who holds one pool's places, and who waits for one, by flows. Not for two threads at once.</summary>
/// <remarks>
/// A place goes to the flow that holds fewest; among those that hold as many, to the one that got fewest turns while they all were here,
/// and then to the one that got its last turn longest ago.
/// So long turns of one flow do not keep a newcomer waiting for more than the next of their ends, and many short ones count against the
/// flow that sends them.
/// </remarks>
internal sealed class PoolLine
{
    private readonly Dictionary<FlowId, int> _held = [];
    private readonly FairLedger _ledger = new();
    private readonly FairQueue<RouteWaiter> _waiting;
    private readonly HashSet<RouteWaiter> _waiters = [];
    private readonly Dictionary<FlowId, long> _servedAt = []; // flows that hold a place or wait for one
    private long _numbers = 1;

    public PoolLine() => _waiting = new(PoolOptions.QueueMaxLimit, _ledger);

    /// <summary>Turns that wait.</summary>
    public int Count => _waiting.Count;

    /// <summary>Whether nobody waits and nobody holds a place.</summary>
    public bool IsIdle => Count == 0 && _held.Count == 0;

    /// <summary>Everybody who waits, in no order.</summary>
    public IReadOnlyCollection<RouteWaiter> Waiting => _waiters;

    /// <summary>Everybody who waits, as their turn comes. A copy: the line may change while it is read.</summary>
    public IReadOnlyList<RouteWaiter> InTurn => [.. _waiters.OrderBy(waiter => _held.GetValueOrDefault(waiter.Flow))
        .ThenBy(waiter => _ledger.Used(waiter.Flow)).ThenBy(waiter => _servedAt.GetValueOrDefault(waiter.Flow))
        .ThenBy(waiter => waiter.Number)];

    /// <summary>Takes a turn into the line; if it is full, the newest turn of the longest line gives way.</summary>
    public bool TryEnter(RouteWaiter waiter, int waitersMax, out RouteWaiter? gaveWay)
    {
        _waiting.PlacesMax = waitersMax;
        waiter.Number = _numbers++;
        if (!_waiting.TryEnter(waiter.Flow, waiter, out gaveWay)) return false;
        _waiters.Add(waiter);
        if (gaveWay is null) return true;
        _waiters.Remove(gaveWay);
        Forget(gaveWay.Flow);
        return true;
    }

    public bool Remove(RouteWaiter waiter)
    {
        if (!_waiting.Remove(waiter.Flow, waiter)) return false;
        _waiters.Remove(waiter);
        Forget(waiter.Flow);
        return true;
    }

    /// <summary>A turn of the flow has a place now.</summary>
    public void Take(FlowId flow)
    {
        _ledger.Enter(flow);
        _ledger.Charge(flow, 1);
        _held[flow] = _held.GetValueOrDefault(flow) + 1;
        _servedAt[flow] = _numbers++;
    }

    public void GiveBack(FlowId flow)
    {
        if (!_held.TryGetValue(flow, out var held)) throw new InvalidOperationException($"Flow {flow} holds no place.");
        if (held == 1) _held.Remove(flow);
        else _held[flow] = held - 1;
        _ledger.Leave(flow);
        Forget(flow);
    }

    private void Forget(FlowId flow)
    {
        if (!_held.ContainsKey(flow) && _waiting.CountOf(flow) == 0) _servedAt.Remove(flow);
    }
}
