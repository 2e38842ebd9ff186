using Samovar.Scheduling.Fairness;

namespace Samovar.Scheduling.Budgets;

/// <summary>
/// A share of the memory that flows divide among themselves: one may take more only while it holds less than a multiple of what is free, so
/// that however much it asks for, some stays free for the others. Safe for all threads.
/// </summary>
/// <remarks>
/// The dynamic thresholds of <see cref="SharedPlaces"/>, in bytes. A flow's first bytes always fit, in a full share too: what is small
/// must never wait for what is large. They are counted, so the share may be over its bound by as much for each flow.
/// </remarks>
/// <param name="share">The bytes of all flows.</param>
/// <param name="multiple">How many times the free bytes one flow may hold; null: the flows are not told apart.</param>
/// <param name="firstBytes">What a flow may always hold.</param>
public sealed class FlowShare(ByteShare share, int? multiple, long firstBytes)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<FlowId, long> _held = [];
    private readonly LinkedList<Waiter> _waiters = new(); // in their order
    private readonly Dictionary<FlowId, int> _waitersOf = []; // flows that have one
    private long _pinned;

    public ByteShare Share { get; } = share;

    /// <summary>Bytes that a flow holds.</summary>
    public long BytesOf(FlowId flow) { lock (_gate) return _held.GetValueOrDefault(flow); }

    /// <summary>Requests that wait for room.</summary>
    public int Waiting { get { lock (_gate) return _waiters.Count; } }

    /// <summary>Takes room for that many more bytes; false, and nothing taken, when they do not fit or the flow holds its part.</summary>
    public bool TryTake(FlowId flow, long bytes)
    {
        lock (_gate)
        {
            if (!Fits(flow, bytes)) return false;
            Add(flow, bytes);
            return true;
        }
    }

    /// <summary>Counts bytes that are held already and cannot be refused any more; the share may be over its bound afterwards.</summary>
    public void Take(FlowId flow, long bytes)
    {
        lock (_gate) Add(flow, bytes);
    }

    /// <summary>
    /// Counts bytes more, or fewer, that only the end of their holder frees. They make the others wait, but for no more than half of the
    /// share: what waits may be what they wait for.
    /// </summary>
    public void Pin(long bytes)
    {
        lock (_gate)
        {
            Share.Take(bytes);
            _pinned += bytes;
            if (bytes < 0) ServeWaiters();
        }
    }

    /// <summary>Takes room for more bytes; waits while there is not enough, behind the waiters of its own flow.</summary>
    public ValueTask TakeAsync(FlowId flow, long bytes, CancellationToken takerGone)
    {
        Waiter waiter;
        lock (_gate)
        {
            if (!_waitersOf.ContainsKey(flow) && Fits(flow, bytes))
            {
                Add(flow, bytes);
                return ValueTask.CompletedTask;
            }
            waiter = new Waiter(flow, bytes);
            waiter.Place = _waiters.AddLast(waiter);
            _waitersOf[flow] = _waitersOf.GetValueOrDefault(flow) + 1;
        }
        return new(WaitAsync(waiter, takerGone));
    }

    /// <summary>Gives bytes back; who waits for room gets it in its order.</summary>
    public void GiveBack(FlowId flow, long bytes)
    {
        if (bytes == 0) return;
        lock (_gate)
        {
            Add(flow, -bytes);
            ServeWaiters();
        }
    }

    private async Task WaitAsync(Waiter waiter, CancellationToken takerGone)
    {
        try
        {
            await waiter.Served.Task.WaitAsync(takerGone);
        }
        catch (OperationCanceledException)
        {
            bool wasServed;
            lock (_gate)
            {
                wasServed = waiter.Place!.List is null;
                if (!wasServed)
                {
                    Leave(waiter.Place);
                    ServeWaiters(); // those behind it
                }
            }
            if (wasServed) GiveBack(waiter.Flow, waiter.Bytes);
            throw;
        }
    }

    /// <summary>Under the gate. Nobody passes those of its own flow: a large claim would never fit while small ones come.</summary>
    private void ServeWaiters()
    {
        if (_waiters.Count == 0) return;
        var waiting = new HashSet<FlowId>(); // flows whose first one goes on waiting
        for (var place = _waiters.First; place is not null && waiting.Count < _waitersOf.Count;)
        {
            var (next, waiter) = (place.Next, place.Value);
            if (waiting.Contains(waiter.Flow) || !Fits(waiter.Flow, waiter.Bytes)) waiting.Add(waiter.Flow);
            else
            {
                Leave(place);
                Add(waiter.Flow, waiter.Bytes);
                waiter.Served.SetResult(); // goes on elsewhere
            }
            place = next;
        }
    }

    private void Leave(LinkedListNode<Waiter> place)
    {
        _waiters.Remove(place);
        var flow = place.Value.Flow;
        if (--_waitersOf[flow] == 0) _waitersOf.Remove(flow);
    }

    private bool Fits(FlowId flow, long bytes)
    {
        var held = _held.GetValueOrDefault(flow);
        var free = Math.Max(Share.BytesMax - Share.Bytes, Share.BytesMax / 2 - (Share.Bytes - _pinned));
        if (held + bytes <= firstBytes || Share.Bytes == 0) return true; // alone: what is larger than the share would never fit
        if (bytes > free) return false;
        return multiple is not { } times || held == 0 || held + bytes <= times * (double)(free - bytes);
    }

    private void Add(FlowId flow, long bytes)
    {
        Share.Take(bytes);
        var held = _held.GetValueOrDefault(flow) + bytes;
        if (held == 0) _held.Remove(flow);
        else _held[flow] = held;
    }

    private sealed record Waiter(FlowId Flow, long Bytes)
    {
        public TaskCompletionSource Served { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public LinkedListNode<Waiter>? Place { get; set; }
    }
}
