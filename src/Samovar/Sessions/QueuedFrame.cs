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
    private CancellationTokenSource? _waiting; // for its place
    private bool _isCancelled;

    public CreateRequest Request { get; } = request;
    public bool IsBare { get; } = isBare;
    public long ArrivedAt { get; } = arrivedAt;

    /// <summary>As it came; null where it was put together here.</summary>
    public SentRequest? Sent { get; init; }

    /// <summary>When its first byte was there and its last; null where nobody looked.</summary>
    public (long From, long To)? Came { get; init; }

    /// <summary>
    /// The frame's memory: given back when the lane is done with it, and so is its turn, and the response counts what is kept of it.
    /// </summary>
    public ByteClaim Claim { get; } = claim;

    /// <summary>What its client says while it runs.</summary>
    public SteerQueue Steers { get; } = new();

    /// <summary>What was said while the response ran that it continues; it is part of its request.</summary>
    public IReadOnlyList<Steer> Taken { get; set; } = [];

    /// <summary>Whether it began by itself, with what was said while the response before it ran.</summary>
    public bool IsSuccessor { get; init; }

    /// <summary>The turn that it follows by itself, where that outlives its reader.</summary>
    public RunningTurn? Previous { get; init; }

    /// <summary>Its turn, once there is one whose response its client knows and whose last event is not made yet.</summary>
    public TurnHandle? Running { get { lock (_gate) return IsOver || !_began.Task.IsCompletedSuccessfully ? null : _turn; } }

    /// <summary>Its response; null where there is none yet.</summary>
    public ResponseId? Response => _began.Task.IsCompletedSuccessfully ? _began.Task.Result.Response : null;

    /// <summary>The response whose events are asked for, where no turn is to begin, and the last one that the client has.</summary>
    public (ResponseId Response, long After)? Resumes { get; init; }

    /// <summary>Where the events are read.</summary>
    public ReplySource Source { get; } = new();

    /// <summary>What has to be done when the lane is done with it.</summary>
    public Action? Left { get; set; }

    /// <summary>The lane is done with it.</summary>
    /// <param name="isFollowed">Whether what follows it by itself holds the memory now.</param>
    public void Leave(bool isFollowed = false)
    {
        Left?.Invoke();
        Previous?.NoteNext(null); // it did not begin: one that began was noted before
        if (!isFollowed && !Source.IsBegunElsewhere) Source.Turn?.NoteNext(null);
        if (!isFollowed) Claim.Dispose();
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

    public bool IsCancelled { get { lock (_gate) return _isCancelled; } }

    public void Cancel()
    {
        TurnHandle? turn;
        lock (_gate)
        {
            (turn, _isCancelled) = (_turn, true);
            _waiting?.Cancel(); // under the lock, so that it is not disposed: who waits goes on elsewhere
        }
        turn?.Cancel();
    }

    /// <summary>Waits for one of the places. False: it was cancelled before there was one, and needs none.</summary>
    /// <exception cref="OperationCanceledException">The connection is gone.</exception>
    public async Task<bool> TakePlaceAsync(SemaphoreSlim places, CancellationToken connectionGone)
    {
        connectionGone.ThrowIfCancellationRequested();
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(connectionGone);
        lock (_gate)
        {
            if (_isCancelled) return false;
            _waiting = waiting;
        }
        try
        {
            await places.WaitAsync(waiting.Token);
            return true;
        }
        catch (OperationCanceledException) when (!connectionGone.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            lock (_gate) _waiting = null;
        }
    }

    /// <summary>It is this turn from now on, which reports its own beginning.</summary>
    public void Follow(TurnHandle turn)
    {
        bool isCancelled;
        lock (_gate) (_turn, isCancelled) = (turn, _isCancelled);
        if (isCancelled) turn.Cancel();
    }
}
