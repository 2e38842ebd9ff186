using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Items;
using Samovar.Turns;

namespace Samovar.Sessions;

/// <summary>What is said while one turn runs, in its order. Closed when the turn is over; then its lane says what becomes of it.</summary>
/// <remarks>
/// Something is queued and reported in the turn's log in one step, so whatever was reported is found when the queue closes. A queue that
/// was never used has no outcome, and costs nothing. What is held waits for its answer, and counts as what is queued; its client gets it
/// back where the turn is over before the answer came.
/// </remarks>
internal sealed class SteerQueue
{
    private readonly Lock _gate = new();
    private List<Steer>? _steers;
    private Dictionary<Steer, ApiException?>? _held; // what was sent to who makes the response, and why it is refused
    private TaskCompletionSource<SteerOutcome>? _outcome;
    private bool _isClosed, _isCancelled;

    /// <summary>Whether anything was said.</summary>
    public bool IsUsed { get { lock (_gate) return _steers is not null; } }

    /// <summary>What becomes of it. To be asked where something was said, or is awaited.</summary>
    public Task<SteerOutcome> Outcome => (_outcome ?? throw new InvalidOperationException("Nothing was said.")).Task;

    /// <summary>Nothing is said here, but something may follow all the same: a turn is read that another frame began.</summary>
    public void AwaitOutcome()
    {
        lock (_gate) _outcome ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Why it could not be queued; null where it was.</summary>
    public ErrorKind? TryAdd(Steer steer, TurnHandle turn, int countMax)
    {
        lock (_gate)
        {
            if (_isClosed) return Errors.ResponseCompleted;
            if (_steers?.Count >= countMax) return Errors.TooManySteers;
            if (!turn.TryTake(steer.Accepted)) return Errors.ResponseCompleted;
            Add(steer);
            return null;
        }
    }

    /// <summary>As <see cref="TryAdd"/>, for what is not reported before its answer is there.</summary>
    public ErrorKind? TryHold(Steer steer, int countMax)
    {
        lock (_gate)
        {
            if (_isClosed) return Errors.ResponseCompleted;
            if (_steers?.Count >= countMax) return Errors.TooManySteers;
            Add(steer);
            (_held ??= new(ReferenceEqualityComparer.Instance)).Add(steer, null);
            return null;
        }
    }

    /// <summary>It was not sent, and is held no longer.</summary>
    public void Withdraw(Steer steer)
    {
        lock (_gate) Remove(steer);
    }

    /// <summary>What was held is queued. False where its turn was over before, and its client has it back.</summary>
    /// <param name="comesNext">Whether the turn is to end for it; else who makes the response has it.</param>
    public bool TryAccept(Steer steer, TurnHandle turn, bool comesNext)
    {
        lock (_gate)
        {
            if (_isClosed || !(comesNext ? turn.TryTake(steer.Accepted) : turn.TryNote(steer.Accepted))) return false;
            _held!.Remove(steer);
            return true;
        }
    }

    /// <summary>What was held is refused. False where that is reported behind the turn's last event.</summary>
    public bool TryRefuse(Steer steer, ApiException why, TurnHandle turn)
    {
        lock (_gate)
        {
            if (_isClosed) return false;
            if (!turn.TryNote(new ResponseEvent.InjectFailed(steer.Response, steer.Said, why)))
            {
                _held![steer] = why;
                return false;
            }
            Remove(steer);
            return true;
        }
    }

    /// <summary>Another node has answered for what was held: it is queued, and its client has read so; or it is refused, which is reported
    /// behind the turn's last event.</summary>
    /// <param name="why">Why it is refused; null: it is not.</param>
    public void Answer(Steer steer, ApiException? why)
    {
        lock (_gate)
        {
            if (_isClosed) return;
            if (why is null) _held!.Remove(steer);
            else _held![steer] = why;
        }
    }

    /// <summary>Whether an output for that call waits here.</summary>
    public bool Answers(string callId)
    {
        lock (_gate) return _steers?.Exists(steer => steer.Answers(callId)) == true;
    }

    /// <summary>Nothing shall follow the turn by itself. False where there is nothing that would.</summary>
    public bool TryCancel()
    {
        lock (_gate) return _isCancelled = !_isClosed && _steers is not null;
    }

    /// <summary>The turn is over.</summary>
    public SaidMeanwhile Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            if (_held is not { Count: > 0 } held) return new SaidMeanwhile(_steers ?? [], [], _isCancelled);
            var back = _steers!.Where(held.ContainsKey).Select(steer =>
                new SentBack(steer, held[steer] ?? new ApiException(Errors.ResponseCompleted, steer.Response))).ToList();
            return new SaidMeanwhile([.. _steers!.Where(steer => !held.ContainsKey(steer))], back, _isCancelled);
        }
    }

    private void Add(Steer steer)
    {
        (_steers ??= []).Add(steer);
        _outcome ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private void Remove(Steer steer)
    {
        _held!.Remove(steer);
        _steers!.RemoveAll(other => ReferenceEquals(other, steer));
    }

    /// <summary>Reports what becomes of it.</summary>
    public void End(SteerOutcome outcome) => _outcome?.TrySetResult(outcome);
}

/// <summary>All that was said while a turn ran.</summary>
/// <param name="Steers">What is queued, in its order.</param>
/// <param name="SentBack">What got no answer in time.</param>
/// <param name="IsCancelled">Whether nothing shall come of it.</param>
internal sealed record SaidMeanwhile(IReadOnlyList<Steer> Steers, IReadOnlyList<SentBack> SentBack, bool IsCancelled);

/// <summary>Something that was said becomes nothing, and why.</summary>
internal sealed record SentBack(Steer Steer, ApiException Error);

/// <summary>What became of what was said while a response was being made, once that response is over.</summary>
internal abstract record SteerOutcome
{
    private SteerOutcome() { }

    /// <summary>Where its events are counted from: behind the response's own.</summary>
    public required long Number { get; init; }

    /// <summary>What is reported first, under the first numbers: it got no answer in time.</summary>
    public IReadOnlyList<SentBack> SentBack { get; init; } = [];

    /// <summary>Nothing of it is left: the response has it, or it was sent back.</summary>
    public sealed record Settled : SteerOutcome;

    /// <summary>A response that follows it begins by itself.</summary>
    /// <param name="Began">Ends when its log exists; faults when it was refused.</param>
    /// <param name="Source">Where its events are read.</param>
    /// <param name="Queue">What is said while it runs.</param>
    /// <param name="Steers">What was said before.</param>
    public sealed record Followed(Task<EventLog> Began, ReplySource Source, SteerQueue Queue, IReadOnlyList<Steer> Steers)
        : SteerOutcome;

    /// <summary>It waits for the create that brings what the response wants of its client.</summary>
    public sealed record Waiting(IReadOnlyList<Steer> Steers, IReadOnlyList<Item> Calls) : SteerOutcome;

    /// <summary>It becomes nothing.</summary>
    public sealed record Failed(IReadOnlyList<Steer> Steers, ApiException Error) : SteerOutcome;
}
