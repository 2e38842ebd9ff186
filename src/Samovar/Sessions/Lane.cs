using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Samovar.Accounting;
using Samovar.Chains;
using Samovar.Metering;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Turns;

namespace Samovar.Sessions;

/// <summary>One FIFO of a connection: its turns run one after the other, beside those of other lanes.</summary>
internal sealed partial class Lane
{
    private readonly Channel<QueuedFrame> _queue;
    private readonly Func<Lane, QueuedFrame, TurnHandle> _begin;
    private readonly SemaphoreSlim _places;
    private readonly Lock _handover = new(); // from a turn to the one that follows it by itself
    private readonly CancellationToken _connectionGone;
    private readonly ILogger _logger;
    private readonly Task _loop;
    private volatile QueuedFrame? _current;

    /// <param name="id">Its name.</param>
    /// <param name="steers">What is said to its turns.</param>
    /// <param name="queuedMax">The session's own bound of turns that wait; so this queue is never full.</param>
    /// <param name="begin">Starts a turn; called when its place is there, so a parent is looked up when execution begins, or when it was
    /// cancelled before.</param>
    /// <param name="places">The turns that may run at once on this connection.</param>
    /// <param name="logger">For turns that broke.</param>
    /// <param name="connectionGone">Ends what runs and refuses what waits.</param>
    public Lane(LaneId id, LaneSteers steers, int queuedMax, Func<Lane, QueuedFrame, TurnHandle> begin, SemaphoreSlim places,
        ILogger logger, CancellationToken connectionGone)
    {
        // Bounded for its memory, too: an unbounded channel that is peeked keeps what it gave out, here whole turns with their events.
        _queue = Channel.CreateBounded<QueuedFrame>(
            new BoundedChannelOptions(queuedMax) { AllowSynchronousContinuations = true });
        (Id, Steers, _begin, _places, _logger, _connectionGone) = (id, steers, begin, places, logger, connectionGone);
        _loop = RunAsync();
    }

    public LaneId Id { get; }

    /// <summary>What its turns came to.</summary>
    public LaneTally Tally { get; } = new();

    /// <summary>What was said to its turns.</summary>
    public LaneSteers Steers { get; }

    /// <summary>The lane whose turn it is that has made a response, over or not, and that turn.</summary>
    public static (LaneId Stream, QueuedFrame Turn)? Find(IEnumerable<Lane> lanes, ResponseId response)
    {
        foreach (var lane in lanes)
            if (lane._current is { } current && current.Response == response) return (lane.Id, current);
        return null;
    }

    /// <summary>Where the lane is idle the turn begins before this returns: not to be called under a lock.</summary>
    public void Enqueue(QueuedFrame turn)
    {
        if (_queue.Writer.TryWrite(turn)) return;
        turn.Leave();
        turn.Refuse(new ApiException(Errors.TurnCancelled));
    }

    /// <summary>Ends the turn whose turn it is, if it is the named one or none is named. False: nothing to end.</summary>
    public bool Cancel(ResponseId? response)
    {
        // To the client a turn is over with its last event, whatever is still being cleared away here; the next one's turn has come.
        // A turn that leaves the queue between the first look and the peek is the current one by then: so look again.
        QueuedFrame? turn;
        lock (_handover)
        {
            if (response is null && _current is { IsOver: true } over && over.Steers.TryCancel()) return true; // what would follow it
            turn = Alive() ?? (_queue.Reader.TryPeek(out var next) ? next : Alive());
        }
        if (turn is null) return false;
        if (response is not null && turn.Response != response) return false;
        turn.Cancel();
        return true;
    }

    private QueuedFrame? Alive() => _current is { IsOver: false } current ? current : null;

    /// <summary>No new turns; ends when all that waited or ran is over. Never faults: each turn's failure is its own.</summary>
    public async Task CloseAsync()
    {
        _queue.Writer.TryComplete();
        await _loop;
        Steers.Clear();
    }

    private async Task RunAsync()
    {
        while (await _queue.Reader.WaitToReadAsync())
            while (_queue.Reader.TryPeek(out var queued))
            {
                _current = queued; // before it leaves the queue: a cancel that comes now must find it
                _queue.Reader.TryRead(out _);
                for (QueuedFrame? turn = queued; turn is not null;)
                {
                    var next = After(turn, await RunGuardedAsync(turn)) ?? Current(await KeptTurns.FollowerAsync(turn, _connectionGone));
                    turn.Leave(isFollowed: next is not null);
                    turn = next;
                }
                _current = null;
            }
    }

    private async Task<ChainNode?> RunGuardedAsync(QueuedFrame queued)
    {
        try
        {
            return await RunAsync(queued);
        }
        catch (Exception exception) // the turn: whatever broke, the next one's turn comes
        {
            queued.Refuse(new ApiException(Errors.Internal, [], cause: exception));
            GuardedLog.Write(() => Log.TurnBroke(_logger, Id, exception));
            return null;
        }
    }

    /// <summary>The turn that follows by itself; it is the current one before anybody can ask for it.</summary>
    private QueuedFrame? After(QueuedFrame ended, ChainNode? node)
    {
        try
        {
            lock (_handover)
            {
                var successor = Steers.After(ended, node);
                if (successor is not null) _current = successor;
                return successor;
            }
        }
        catch (Exception exception) // the turn: it is over, whatever was said to it
        {
            GuardedLog.Write(() => Log.TurnBroke(_logger, Id, exception));
            return null;
        }
    }

    private QueuedFrame? Current(QueuedFrame? follower)
    {
        if (follower is not null) _current = follower;
        return follower;
    }

    private async Task<ChainNode?> RunAsync(QueuedFrame queued)
    {
        bool hasPlace;
        try
        {
            hasPlace = await queued.TakePlaceAsync(_places, _connectionGone);
        }
        catch (OperationCanceledException)
        {
            queued.Refuse(new ApiException(Errors.TurnCancelled));
            return null;
        }
        try
        {
            var turn = _begin(this, queued);
            queued.Follow(turn);
            return queued.Source.OutlivesReader ? await EndedHereAsync(turn) : await turn.Ended;
        }
        finally
        {
            if (hasPlace) _places.Release();
        }
    }

    /// <summary>To this lane a turn that can be resumed is over with its connection, too.</summary>
    private async Task<ChainNode?> EndedHereAsync(TurnHandle turn)
    {
        try { return await turn.Ended.WaitAsync(_connectionGone); }
        catch (OperationCanceledException) { return null; } // it goes on without this connection
    }

    private static partial class Log
    {
        [LoggerMessage(3002, LogLevel.Error, "A turn of lane {Lane} failed; the lane continues")]
        public static partial void TurnBroke(ILogger logger, LaneId lane, Exception exception);
    }
}
