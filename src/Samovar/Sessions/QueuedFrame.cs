using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Requests;
using Samovar.Running;
using Samovar.Scheduling.Budgets;
using Samovar.Turns;

namespace Samovar.Sessions;

/// <summary>A frame that waits in its lane, and then the turn it became: a cancel may come at any moment between.</summary>
internal sealed class QueuedFrame(CreateRequest request, bool isBare, long arrivedAt, ByteClaim claim)
{
    private readonly TaskCompletionSource<EventLog> _began = new(); // waiters run on the thread that completes it
    private readonly Lock _gate = new();
    private TurnHandle? _turn;
    private bool _isCancelled;
    private bool _isHeldElsewhere;

    public CreateRequest Request { get; } = request;
    public bool IsBare { get; } = isBare;
    public long ArrivedAt { get; } = arrivedAt;

    /// <summary>The frame's memory: given back when the turn is over, and the response counts what is kept of it.</summary>
    public ByteClaim Claim { get; } = claim;

    /// <summary>The response whose events are asked for, where no turn is to begin, and the last one that the client has.</summary>
    public (ResponseId Response, long After)? Resumes { get; init; }

    /// <summary>Where the events are read.</summary>
    public ReplySource Source { get; } = new();

    /// <summary>What has to be done when the lane is done with it.</summary>
    public Action? Left { get; set; }

    /// <summary>The turn may outlive its connection, and gives the memory back itself.</summary>
    public ByteClaim HandOver()
    {
        _isHeldElsewhere = true;
        return Claim;
    }

    /// <summary>The lane is done with it.</summary>
    public void Leave()
    {
        Left?.Invoke();
        if (!_isHeldElsewhere) Claim.Dispose();
    }

    /// <summary>Its end was reported.</summary>
    public bool IsOver => _began.Task.IsFaulted || _began.Task.IsCompletedSuccessfully && _began.Task.Result.IsEnded;
    public Task<EventLog> Began => _began.Task;

    /// <summary>What its turn completes.</summary>
    public TaskCompletionSource<EventLog> Beginning => _began;

    public void Refuse(ApiException error)
    {
        _began.TrySetException(error);
        _ = _began.Task.Exception; // nobody has to look: the connection may be gone
    }

    public void Cancel()
    {
        TurnHandle? turn;
        lock (_gate) (turn, _isCancelled) = (_turn, true);
        turn?.Cancel();
    }

    /// <summary>It is this turn from now on, which reports its own beginning.</summary>
    public void Follow(TurnHandle turn)
    {
        bool isCancelled;
        lock (_gate) (_turn, isCancelled) = (turn, _isCancelled);
        if (isCancelled) turn.Cancel();
    }
}

/// <summary>Where a reply's events are read: in the turn's own log, or where they can be read again.</summary>
internal sealed class ReplySource
{
    private volatile RunningTurn? _turn;
    private long _after = -1;

    /// <summary>The events are read again, from behind a number.</summary>
    public void Read(RunningTurn turn, long after) => (_after, _turn) = (after, turn);

    /// <summary>Whether the turn may go on when its reader leaves.</summary>
    public bool OutlivesReader => _turn is not null;

    public LogReader Open(EventLog own) => _turn?.Log.Open(_after) ?? own.Open();

    /// <summary>Why a reader got no end.</summary>
    public ApiException Fault(LogReader reader) => reader.IsLost && _turn is { } turn
        ? new(Errors.EventsExpired, [turn.Id, reader.Next - 1]) : new(Errors.Internal);
}
