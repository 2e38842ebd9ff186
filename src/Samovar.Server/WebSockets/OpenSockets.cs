using Microsoft.Extensions.Logging;
using Samovar.Server.Draining;

namespace Samovar.Server.WebSockets;

/// <summary>Every open socket: ends each when it has reached its age, and all of them when the server closes.</summary>
/// <remarks>One timer and one registration for them all, because idle sockets are many. All may become equally old, so they come of age in
/// the order in which they came.</remarks>
internal sealed partial class OpenSockets : IDisposable
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Entry> _oldestFirst = [];
    private readonly SocketClock _clock;
    private readonly ILogger _logger;
    private readonly ITimer _age;
    private readonly CancellationTokenRegistration _closing;
    private bool _isClosing;

    public OpenSockets(SocketClock clock, ServerLife life, ILogger<OpenSockets> logger)
    {
        (_clock, _logger) = (clock, logger);
        _age = clock.Time.CreateTimer(_ => EndAged(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _closing = life.Closing.Register(EndAll);
    }

    /// <param name="End">Ends an open connection.</param>
    /// <param name="Since">When it came, by <c>TimeProvider.GetTimestamp</c>.</param>
    public readonly record struct Entry(Action<Ending> End, long Since);

    /// <summary>Takes a connection in, by what ends it; its place is for <see cref="Remove"/>.</summary>
    /// <param name="end">Ends an open connection.</param>
    /// <param name="since">When it came.</param>
    public LinkedListNode<Entry> Add(Action<Ending> end, long since)
    {
        LinkedListNode<Entry> place;
        bool isClosing;
        lock (_gate)
        {
            place = _oldestFirst.AddLast(new Entry(end, since));
            if (_oldestFirst.Count == 1) _age.Change(Left(since), Timeout.InfiniteTimeSpan);
            isClosing = _isClosing;
        }
        if (isClosing) end(Ending.ServerCloses);
        return place;
    }

    public void Remove(LinkedListNode<Entry> place)
    {
        lock (_gate)
            if (place.List is not null) _oldestFirst.Remove(place); // the timer may come for nothing
    }

    public void Dispose()
    {
        _age.Dispose();
        _closing.Dispose();
    }

    private void EndAged()
    {
        var aged = new List<Action<Ending>>();
        lock (_gate)
        {
            while (_oldestFirst.First is { } oldest)
            {
                if (Left(oldest.Value.Since) is { Ticks: > 0 } left)
                {
                    _age.Change(left, Timeout.InfiniteTimeSpan);
                    break;
                }
                aged.Add(oldest.Value.End);
                _oldestFirst.RemoveFirst();
            }
        }
        foreach (var end in aged) End(end, Ending.Aged);
    }

    private TimeSpan Left(long since)
    {
        var left = _clock.AgeMax - _clock.Time.GetElapsedTime(since);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private void EndAll()
    {
        List<Action<Ending>> open;
        lock (_gate)
        {
            _isClosing = true;
            open = [.. _oldestFirst.Select(entry => entry.End)];
        }
        foreach (var end in open) End(end, Ending.ServerCloses);
    }

    private void End(Action<Ending> end, Ending ending)
    {
        try { end(ending); }
        catch (Exception exception) { Log.EndBroke(_logger, exception); } // the socket: the others end all the same
    }

    private static partial class Log
    {
        [LoggerMessage(8205, LogLevel.Error, "A socket could not be ended")]
        public static partial void EndBroke(ILogger logger, Exception exception);
    }
}

/// <summary>A connection's clock and how old it may become.</summary>
internal sealed record SocketClock(TimeProvider Time, TimeSpan AgeMax);
