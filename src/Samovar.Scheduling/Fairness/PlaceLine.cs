namespace Samovar.Scheduling.Fairness;

/// <summary>Shared places, and the line of those that wait for one. Not for two threads at once.</summary>
/// <remarks>A place that is given back goes to the flow that holds fewest; if that one may not have a place, none may.</remarks>
/// <param name="placesMax">All places; at least 1.</param>
/// <param name="waitingMax">Those that may wait, of all flows together; at least 1.</param>
/// <param name="flowOf">Whose place one waits for.</param>
/// <param name="mayGiveWay">Whether one that waits may be asked to leave for another; null: all may.</param>
public sealed class PlaceLine<TWaiter>(
    int placesMax, int waitingMax, Func<TWaiter, FlowId> flowOf, Func<TWaiter, bool>? mayGiveWay = null) where TWaiter : class
{
    private readonly FairLedger _ledger = new();
    private readonly SharedPlaces _places = new(placesMax);
    private FairQueue<TWaiter>? _waiting;

    /// <summary>Places that are taken. Safe at any time.</summary>
    public int Taken => _places.Taken;

    public int Waiting => _waiting?.Count ?? 0;

    private FairQueue<TWaiter> Queue => _waiting ??= new(waitingMax, _ledger, mayGiveWay);

    public int WaitingOf(FlowId flow) => _waiting?.CountOf(flow) ?? 0;

    /// <summary>Takes a place at once; false where the flow has to wait for one.</summary>
    public bool TryTake(FlowId flow) => WaitingOf(flow) == 0 && Take(flow);

    /// <inheritdoc cref="FairQueue{TWaiter}.TryEnter"/>
    public bool TryWait(TWaiter waiter, out TWaiter? gaveWay) => Queue.TryEnter(flowOf(waiter), waiter, out gaveWay);

    /// <summary>One waits no longer; false where it does not.</summary>
    public bool TryGiveUp(TWaiter waiter) => Queue.Remove(flowOf(waiter), waiter);

    /// <summary>Gives a place back.</summary>
    /// <returns>Those that have a place now.</returns>
    public IReadOnlyList<TWaiter> GiveBack(FlowId flow)
    {
        _places.GiveBack(flow);
        _ledger.Leave(flow);
        if (Waiting == 0) return [];
        var placed = new List<TWaiter>();
        while (Queue.InTurn.MinBy(waiter => _places.TakenBy(flowOf(waiter))) is { } next && Take(flowOf(next)))
        {
            Queue.Remove(flowOf(next), next);
            placed.Add(next);
        }
        return placed;
    }

    /// <summary>Nobody waits any more.</summary>
    /// <returns>Those that did.</returns>
    public IReadOnlyList<TWaiter> Clear()
    {
        var waiting = Queue.InTurn;
        foreach (var waiter in waiting) Queue.Remove(flowOf(waiter), waiter);
        return waiting;
    }

    private bool Take(FlowId flow)
    {
        if (!_places.TryTake(flow)) return false;
        _ledger.Enter(flow);
        _ledger.Charge(flow, 1);
        return true;
    }
}
