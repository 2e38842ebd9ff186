using Samovar.Backends;
using Samovar.Context;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;

namespace Samovar.Turns;

/// <summary>Ends a running turn before its time, because what its client has said meanwhile comes next.</summary>
/// <remarks>
/// Where no item is open the turn ends at once, else behind the item, hosted tools included. Urgent words do not wait for a long item:
/// after <see cref="TurnOptions.SteeredItemMax"/> the turn ends in it. A turn that has made a call which its client has to answer comes to
/// its own end, in the same time.
/// </remarks>
internal sealed class TurnSteering(TimeSpan itemMax, IdSource ids, TimeProvider time) : ISteering, IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _ends = new(); // never disposed: it has no timer and no link, and may be cancelled late
    private HashSet<string>? _calls; // most turns have none
    private ITimer? _limit; // of an open item
    private HashSet<string>? _waiting; // calls that wait for the client
    private Item[] _said = [];
    private int _heard;
    private Action? _passOn;
    private Func<IInjection, bool>? _passInjection;
    private bool _isOpen, _isWanted, _isOver;

    /// <summary>The response shall end with what there is.</summary>
    public CancellationToken EndsEarly => _ends.Token;

    /// <summary>Names what was said while the turn runs.</summary>
    public SteerId Name() => SteerId.New(ids);

    /// <summary>Whether the turn has made a call of that id.</summary>
    public bool HasCall(string callId)
    {
        lock (_gate) return _calls?.Contains(callId) == true;
    }

    public IReadOnlyList<Item> Said { get { lock (_gate) return _said; } }

    public void OnSaid(Action passOn)
    {
        lock (_gate)
        {
            _passOn = passOn;
            if (_said.Length == 0 || WaitsForClient) return;
        }
        passOn();
    }

    public void OnInjected(Func<IInjection, bool>? passOn)
    {
        lock (_gate) _passInjection = passOn;
    }

    /// <summary>Whether who makes the response has been sent it, and will answer. Not where the response is to end anyway.</summary>
    public bool TryPass(IInjection injection)
    {
        Func<IInjection, bool>? passOn;
        lock (_gate) passOn = _isOver || _isWanted ? null : _passInjection;
        return passOn?.Invoke(injection) == true;
    }

    public bool IsUsed => Volatile.Read(ref _heard) > 0;

    /// <summary>Something is about to be reported as said; safe at any time.</summary>
    public void Hear() => Interlocked.Increment(ref _heard);

    /// <summary>It was not reported.</summary>
    public void Unhear() => Interlocked.Decrement(ref _heard);

    /// <summary>Something was said; safe at any time.</summary>
    public void Want(bool isUrgent, IReadOnlyList<Item> input)
    {
        var isDue = false;
        Action? passOn;
        lock (_gate)
        {
            if (_isOver) return;
            _isWanted = true;
            _said = [.. _said, .. input];
            passOn = WaitsForClient ? null : _passOn;
            if (!_isOpen && !WaitsForClient) isDue = true;
            else if (isUrgent && itemMax <= TimeSpan.Zero) isDue = true;
            else if (isUrgent)
                _limit ??= time.CreateTimer(static turn => ((TurnSteering)turn!).End(), this, itemMax, Timeout.InfiniteTimeSpan);
        }
        passOn?.Invoke();
        if (isDue) End();
    }

    /// <summary>What the turn makes, from its own loop.</summary>
    /// <param name="e">What was reported.</param>
    /// <param name="output">Its items that are done, the event's own included.</param>
    public void Note(BackendEvent e, IReadOnlyList<Item> output)
    {
        switch (e)
        {
            case BackendEvent.Delta or BackendEvent.SummaryDelta or BackendEvent.RefusalDelta or BackendEvent.Annotation
                or BackendEvent.CarriedEvent: return;
            case BackendEvent.ItemDone or BackendEvent.CarriedItem: NoteDone(output[^1]); return;
            default:
                lock (_gate) _isOpen = true;
                return;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isOver = true;
            _limit?.Dispose();
        }
    }

    private void NoteDone(Item item)
    {
        bool isDue;
        lock (_gate)
        {
            _isOpen = false;
            if (item is IToolCall { CallId: { } id }) NoteCall(item, id);
            else if (item is IToolOutput { CallId: { } answered }) _waiting?.Remove(answered);
            isDue = _isWanted && !WaitsForClient;
        }
        if (isDue) End();
    }

    private void NoteCall(Item call, string id)
    {
        (_calls ??= new(StringComparer.Ordinal)).Add(id);
        if (ToolCallCheck.IsLeftToClient(call)) (_waiting ??= new(StringComparer.Ordinal)).Add(id);
    }

    private bool WaitsForClient => _waiting is { Count: > 0 };

    private void End()
    {
        try { _ends.Cancel(); }
        catch (AggregateException) { /* each callback was called; a backend that did not hear it comes to its own end */ }
    }
}
