using System.Threading.Channels;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Turns;

namespace Samovar.Sessions;

/// <summary>One FIFO of a connection: its turns run one after the other, beside those of other lanes.</summary>
internal sealed class Lane
{
    // bounded by its session
    private readonly Channel<QueuedTurn> _queue = Channel.CreateUnbounded<QueuedTurn>(new() { SingleReader = true });
    private readonly Func<QueuedTurn, RunningTurn> _begin;
    private readonly SemaphoreSlim _places;
    private readonly CancellationToken _connectionGone;
    private readonly Task _loop;
    private volatile RunningTurn? _running;

    /// <param name="begin">Starts a turn; called when its place is there, so a parent is looked up when execution begins.</param>
    /// <param name="places">The turns that may run at once on this connection.</param>
    /// <param name="connectionGone">Ends what runs and refuses what waits.</param>
    public Lane(LaneId id, Func<QueuedTurn, RunningTurn> begin, SemaphoreSlim places, CancellationToken connectionGone)
    {
        (Id, _begin, _places, _connectionGone) = (id, begin, places, connectionGone);
        _loop = RunAsync();
    }

    public LaneId Id { get; }

    public void Enqueue(QueuedTurn turn)
    {
        if (!_queue.Writer.TryWrite(turn)) turn.Refuse(new ApiException(Errors.TurnCancelled));
    }

    /// <summary>Ends the turn that runs, if it is the named one or none is named. False: nothing to end.</summary>
    public bool Cancel(ResponseId? response)
    {
        if (_running is not { } turn) return false;
        if (response is not null && !(turn.Began.IsCompletedSuccessfully && turn.Began.Result.Response == response)) return false;
        turn.Cancel();
        return true;
    }

    /// <summary>No new turns; ends when all that waited or ran is over.</summary>
    public Task CloseAsync()
    {
        _queue.Writer.TryComplete();
        return _loop;
    }

    private async Task RunAsync()
    {
        while (await _queue.Reader.WaitToReadAsync())
            while (_queue.Reader.TryRead(out var queued))
                await RunAsync(queued);
    }

    private async Task RunAsync(QueuedTurn queued)
    {
        try
        {
            await _places.WaitAsync(_connectionGone);
        }
        catch (OperationCanceledException)
        {
            queued.Refuse(new ApiException(Errors.TurnCancelled));
            return;
        }
        try
        {
            var turn = _running = _begin(queued);
            await queued.FollowAsync(turn);
            await turn.Ended;
        }
        finally
        {
            _running = null;
            _places.Release();
        }
    }
}
