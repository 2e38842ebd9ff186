using Microsoft.Extensions.Logging;
using Samovar.Protocol.Ids;

namespace Samovar.Server.WebSockets;

/// <summary>Writes the replies of one connection: in each lane one after the other, the lanes side by side.</summary>
/// <remarks>Used by the connection's read loop alone; only the relays themselves run beside it.</remarks>
internal sealed partial class LaneRelay(FrameWriter writer, int pendingMax, ILogger logger) : IDisposable
{
    private const int LanesKept = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<LaneId, Task> _tails = [];
    private readonly SemaphoreSlim _pending = new(pendingMax, pendingMax);
    private readonly CancellationTokenSource _socketEnds = new();
    private int _beginning; // replies that are not among the tails yet
    private bool _isOver;

    /// <summary>Puts a reply behind what its lane still has to write. Waits while too many replies are unfinished.</summary>
    /// <exception cref="OperationCanceledException">The socket ends.</exception>
    public async ValueTask AddAsync(Reply reply)
    {
        try
        {
            await _pending.WaitAsync(_socketEnds.Token);
        }
        catch (OperationCanceledException)
        {
            reply.Release();
            throw;
        }
        Begin(reply);
    }

    private void Begin(Reply reply)
    {
        Task before;
        lock (_lock)
        {
            if (_isOver)
            {
                reply.Release();
                _pending.Release();
                return;
            }
            before = _tails.GetValueOrDefault(reply.Line, Task.CompletedTask);
            _beginning++;
        }
        var tail = RelayAsync(before, reply); // not under the lock: it may write at once
        lock (_lock)
        {
            _tails[reply.Line] = tail;
            _beginning--;
            if (_tails.Count > LanesKept) Prune(); // lanes that were refused leave their error behind
        }
    }

    /// <summary>Ends when no lane has anything to write.</summary>
    public Task IdleAsync()
    {
        lock (_lock) return Task.WhenAll(_tails.Values);
    }

    /// <summary>
    /// Waits for all relays, those that begin meanwhile included; what comes later is not written, the socket's close says why. Call it
    /// when the session is disposed or the socket ends, so that each of them comes to its end.
    /// </summary>
    public async Task EndAsync()
    {
        while (!TryEnd())
        {
            await IdleAsync();
            await Task.Yield(); // one that is about to begin is not waited for yet
        }
    }

    /// <summary>The socket ends: what is not written yet never will be.</summary>
    public void Cancel() => _socketEnds.Cancel();

    /// <summary>To be called when no lane has anything to write.</summary>
    public void Dispose()
    {
        _pending.Dispose();
        _socketEnds.Dispose();
    }

    private async Task RelayAsync(Task before, Reply reply)
    {
        try
        {
            await before;
            await reply.WriteToAsync(writer, _socketEnds.Token);
        }
        catch (Exception exception) when (SocketFaults.IsGone(exception))
        {
            // the socket is gone; the session ends the turn
        }
        catch (Exception exception)
        {
            Log.RelayFailed(logger, exception); // a turn's own failure is an event of its log; this is a bug
        }
        finally
        {
            reply.Release();
            _pending.Release();
        }
    }

    private bool TryEnd()
    {
        lock (_lock) return _isOver = _beginning == 0 && _tails.Values.All(tail => tail.IsCompleted);
    }

    private void Prune()
    {
        foreach (var lane in _tails.Where(pair => pair.Value.IsCompleted).Select(pair => pair.Key).ToList()) _tails.Remove(lane);
    }

    private static partial class Log
    {
        [LoggerMessage(8203, LogLevel.Error, "A turn's events could not be relayed")]
        public static partial void RelayFailed(ILogger logger, Exception exception);
    }
}
