using Samovar.Backends;

namespace Samovar.Turns;

/// <summary>A backend at work on one turn, read with patience: one that does not stop when asked is left behind.</summary>
internal sealed class BackendRun(IAsyncEnumerable<BackendEvent> events, TurnLife life)
{
    private readonly IAsyncEnumerator<BackendEvent> _events = events.GetAsyncEnumerator(life.Token);
    private Task<bool>? _pending;

    /// <summary>What the backend threw on its way out.</summary>
    public Exception? LeftWith { get; private set; }

    /// <summary>The next event; null at the end.</summary>
    public ValueTask<BackendEvent?> NextAsync()
    {
        var move = _events.MoveNextAsync();
        return move.IsCompletedSuccessfully ? new(move.Result ? _events.Current : null) : WaitAsync(move);
    }

    private async ValueTask<BackendEvent?> WaitAsync(ValueTask<bool> move)
    {
        if (move.IsCompleted) return await move ? _events.Current : null;
        _pending = move.AsTask();
        var isThere = await _pending.WaitAsync(life.Patience);
        _pending = null;
        return isThere ? _events.Current : null;
    }

    /// <summary>Ends when the backend has let go of the turn; never faults. Ask it to stop before.</summary>
    public async Task CloseAsync()
    {
        await LeaveAsync(ReleaseUnreadAsync);
        await LeaveAsync(() => _events.DisposeAsync().AsTask());
    }

    /// <summary>It may have ended well after all, and nobody will continue from it.</summary>
    private async Task ReleaseUnreadAsync()
    {
        if (_pending is { IsFaulted: false, IsCanceled: false } unread && await unread)
            (_events.Current as BackendEvent.Finished)?.State?.Release();
    }

    private async Task LeaveAsync(Func<Task> step)
    {
        try { await step(); }
        catch (Exception exception) { LeftWith = exception; } // was reported already, or came too late to matter
    }
}
