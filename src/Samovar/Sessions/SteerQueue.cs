using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;
using Samovar.Turns;

namespace Samovar.Sessions;

/// <summary>What is said while one turn runs, in its order. Closed when the turn is over; then its lane says what becomes of it.</summary>
/// <remarks>
/// Something is queued and reported in the turn's log in one step, so whatever was reported is found when the queue closes. A queue that
/// was never used has no outcome, and costs nothing.
/// </remarks>
internal sealed class SteerQueue
{
    private readonly Lock _gate = new();
    private List<Steer>? _steers;
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
            if (!turn.TryNote(steer.Accepted)) return Errors.ResponseCompleted;
            (_steers ??= []).Add(steer);
            _outcome ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return null;
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
    /// <returns>All that was said, and whether nothing shall come of it.</returns>
    public (IReadOnlyList<Steer> Steers, bool IsCancelled) Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            return (_steers ?? [], _isCancelled);
        }
    }

    /// <summary>Reports what becomes of it.</summary>
    public void End(SteerOutcome outcome) => _outcome?.TrySetResult(outcome);
}

/// <summary>What became of what was said while a response was being made, once that response is over.</summary>
internal abstract record SteerOutcome
{
    private SteerOutcome() { }

    /// <summary>Where its events are counted from: behind the response's own.</summary>
    public required long Number { get; init; }

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
