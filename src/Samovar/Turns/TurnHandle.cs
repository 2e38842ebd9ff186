using Samovar.Chains;
using Samovar.Protocol.Errors;

namespace Samovar.Turns;

/// <summary>A turn that has begun: where its events will be, and how to end it.</summary>
internal sealed class TurnHandle
{
    private readonly TurnLife? _life; // null for one that never lived, or is somebody else's
    private readonly Action? _cancel;

    internal TurnHandle(Task<EventLog> began, Task<ChainNode?> ended, TurnLife? life) => (Began, Ended, _life) = (began, ended, life);

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
        return new TurnHandle(began.Task, Task.FromResult<ChainNode?>(null), life: null);
    }

    /// <summary>The log, from <c>response.created</c> on; faults with <c>ApiException</c> when the turn was refused before.</summary>
    public Task<EventLog> Began { get; }

    /// <summary>
    /// The kept response, null when the turn left none. Ends after the terminal event, when nothing of the turn runs any more; never
    /// faults.
    /// </summary>
    public Task<ChainNode?> Ended { get; }

    /// <summary>Stops the backend; the log ends with <c>response.failed</c>, status cancelled. Safe at any time.</summary>
    public void Cancel()
    {
        if (Ended.IsCompleted) return;
        _life?.Cancel();
        _cancel?.Invoke();
    }

    private static async Task<ChainNode?> LeavesNoneAsync(Task ended)
    {
        await ended;
        return null;
    }
}
