using Samovar.Backends;
using Samovar.Chains;
using Samovar.Context;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Responses;
using Samovar.Tracing;

namespace Samovar.Turns;

/// <summary>A turn that has begun: where its events will be, and how to end it.</summary>
internal sealed class TurnHandle
{
    private readonly TurnState? _turn; // null for one that never lived, or is somebody else's
    private readonly Action? _cancel;

    internal TurnHandle(Task<EventLog> began, Task<ChainNode?> ended, TurnState? turn) => (Began, Ended, _turn) = (began, ended, turn);

    /// <summary>A turn that somebody else began, and whose events are read once more.</summary>
    internal static TurnHandle Of(Task<EventLog> began, Task ended, Action cancel) => new(began, LeavesNoneAsync(ended), cancel);

    private TurnHandle(Task<EventLog> began, Task<ChainNode?> ended, Action cancel) =>
        (Began, Ended, _cancel) = (began, ended, cancel);

    /// <summary>A turn that was over before it began.</summary>
    /// <param name="error">Why.</param>
    /// <param name="began">Where its caller waits for it already.</param>
    internal static TurnHandle Refused(ApiException error, TaskCompletionSource<EventLog>? began = null)
    {
        began ??= new();
        began.TrySetException(error);
        _ = began.Task.Exception; // nobody has to look
        return new TurnHandle(began.Task, Task.FromResult<ChainNode?>(null), turn: null);
    }

    /// <summary>The log, from <c>response.created</c> on; faults with <c>ApiException</c> when the turn was refused before.</summary>
    public Task<EventLog> Began { get; }

    /// <summary>
    /// The kept response, null when the turn left none. Ends after the terminal event, when nothing of the turn runs any more; never
    /// faults.
    /// </summary>
    public Task<ChainNode?> Ended { get; }

    /// <summary>What the turn used, one that failed or was cancelled, too; null before <see cref="Ended"/>, and for somebody
    /// else's.</summary>
    internal Usage? Spent => _turn?.Spent;

    /// <summary>Where its time goes; null where that is not noted, or noted by somebody else's.</summary>
    internal TurnTrace? Times => _turn?.Times.Trace;

    /// <summary>Stops the backend; the log ends with <c>response.failed</c>, status cancelled. Safe at any time.</summary>
    public void Cancel()
    {
        if (Ended.IsCompleted) return;
        _turn?.Life.Cancel();
        _cancel?.Invoke();
    }

    /// <summary>The name of what its client says while it runs; null where its client may not.</summary>
    /// <remarks>Whether its conversation is compacted by itself is known with its plan: a bare frame takes that over.</remarks>
    public SteerId? NameSteer() =>
        _turn is { Plan.Request.Compaction: null } or { Plan: null, Away: not null } ? _turn.Steering?.Name() : null;

    /// <summary>Takes what its client says while another node makes it; null where it is made here.</summary>
    public IAwaySteering? Away => _turn is { Plan: null, Away: { } away } ? away : null;

    /// <summary>Reports something among the turn's events; false once its last event is made, or where there is too much.</summary>
    public bool TryNote(ResponseEvent noted) => _turn?.Events?.TryPublishBeside(noted) == true;

    /// <summary>As <see cref="TryNote"/>, that something comes next: <see cref="EndEarly"/> is to follow.</summary>
    /// <remarks>The turn knows before anybody can read it: from then on whatever breaks is an end, behind which it comes.</remarks>
    public bool TryTake(ResponseEvent accepted)
    {
        _turn?.Steering?.Hear();
        if (TryNote(accepted)) return true;
        _turn?.Steering?.Unhear();
        return false;
    }

    /// <summary>
    /// Ends the turn behind the item that is being made, so that what was noted comes next. A turn that waits for its client's answers
    /// anyway comes to its own end. Safe at any time; not to be called under a lock.
    /// </summary>
    /// <param name="isUrgent">Whether a long item is cut off.</param>
    /// <param name="input">What was said.</param>
    public void EndEarly(bool isUrgent, IReadOnlyList<Item> input)
    {
        Wake();
        _turn?.Steering?.Want(isUrgent, input);
    }

    /// <summary>Reports at once what was noted.</summary>
    public void Wake() => _turn?.Events?.Log.Wake();

    /// <summary>Whether outputs of calls are sent to who makes the response, which will answer.</summary>
    public bool TryPass(IInjection injection) => _turn?.Steering?.TryPass(injection) == true;

    /// <summary>Throws for the id of a call that the turn and its chain do not have, or that was answered before the turn.</summary>
    public void RequireAwaited(string callId)
    {
        if (_turn is not { Plan.Context: var context } turn || turn.Steering?.HasCall(callId) == true) return;
        if (context.Input.Any(item => item is IToolCall call && call.CallId == callId)) return;
        ToolCallCheck.RequireAwaited(callId, context.Parent);
    }

    private static async Task<ChainNode?> LeavesNoneAsync(Task ended)
    {
        await ended;
        return null;
    }
}
