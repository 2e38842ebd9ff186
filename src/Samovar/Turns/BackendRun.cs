using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Samovar.Backends;

namespace Samovar.Turns;

/// <summary>A backend at work on one turn, read with patience: one that does not stop when asked is left behind.</summary>
/// <remarks>
/// One reader, one event at a time, so every wait uses the same place to wait at. Whoever comes first ends it: the event or the end of
/// the patience; the event of a backend that was left behind releases only what nobody will read.
/// </remarks>
internal sealed class BackendRun : IValueTaskSource<BackendEvent?>
{
    private readonly IAsyncEnumerator<BackendEvent> _events;
    private readonly TurnLife _life;
    private readonly Action _moved;
    private readonly CancellationTokenRegistration _outOfPatience;
    private ManualResetValueTaskSourceCore<bool> _arrival; // false: patience ended first
    private ValueTaskAwaiter<bool> _move;
    private volatile Wait _wait;
    private TaskCompletionSource? _unread;

    public BackendRun(IAsyncEnumerable<BackendEvent> events, TurnLife life)
    {
        (_life, _moved) = (life, Moved);
        _events = events.GetAsyncEnumerator(life.Token);
        _outOfPatience = life.Patience.UnsafeRegister(static run => ((BackendRun)run!).Leave(), this);
    }

    /// <summary>What the backend threw on its way out.</summary>
    public Exception? LeftWith { get; private set; }

    /// <summary>The next event; null at the end. To be awaited once, before the next call.</summary>
    public ValueTask<BackendEvent?> NextAsync()
    {
        var move = _events.MoveNextAsync();
        return move.IsCompletedSuccessfully ? new(move.Result ? _events.Current : null) : WaitAsync(move);
    }

    /// <summary>Ends when the backend has let go of the turn; never faults. Ask it to stop before.</summary>
    public async Task CloseAsync()
    {
        _outOfPatience.Unregister();
        if (_wait == Wait.Left) await ReleaseUnreadAsync(_unread!.Task);
        try { await _events.DisposeAsync(); }
        catch (Exception exception) { LeftWith = exception; } // was reported already, or came too late to matter
    }

    private ValueTask<BackendEvent?> WaitAsync(ValueTask<bool> move)
    {
        _arrival.Reset();
        _move = move.GetAwaiter();
        _wait = Wait.ForEvent;
        _move.UnsafeOnCompleted(_moved);
        if (_life.Patience.IsCancellationRequested) Leave(); // it may have ended before anybody waited
        return new(this, _arrival.Version);
    }

    private void Moved()
    {
        if (TryEnd(Wait.Over)) _arrival.SetResult(true);
        else _unread!.SetResult();
    }

    private void Leave()
    {
        if (_wait != Wait.ForEvent) return;
        Interlocked.CompareExchange(ref _unread, new(TaskCreationOptions.RunContinuationsAsynchronously), null);
        if (TryEnd(Wait.Left)) _arrival.SetResult(false);
    }

    private bool TryEnd(Wait how) => Interlocked.CompareExchange(ref _wait, how, Wait.ForEvent) == Wait.ForEvent;

    /// <summary>It may have ended well after all, and nobody will continue from it.</summary>
    private async Task ReleaseUnreadAsync(Task unread)
    {
        await unread;
        try
        {
            if (_move.GetResult()) (_events.Current as BackendEvent.Finished)?.State?.Release();
        }
        catch (Exception exception) { LeftWith = exception; } // as late
    }

    BackendEvent? IValueTaskSource<BackendEvent?>.GetResult(short token)
    {
        if (!_arrival.GetResult(token)) throw new OperationCanceledException(_life.Patience);
        return _move.GetResult() ? _events.Current : null;
    }

    ValueTaskSourceStatus IValueTaskSource<BackendEvent?>.GetStatus(short token) => _arrival.GetStatus(token);

    void IValueTaskSource<BackendEvent?>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _arrival.OnCompleted(continuation, state, token, flags);

    private enum Wait
    {
        Over,
        ForEvent,
        Left,
    }
}
