namespace Samovar.Server.Cluster;

/// <summary>Counts the requests of clients here that other nodes answer now. Safe for all threads.</summary>
/// <param name="most">So many at once.</param>
internal sealed class PassedRequests(int most)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _idle;

    public int Running { get; private set; }

    public bool TryEnter()
    {
        lock (_gate)
        {
            if (Running >= most) return false;
            Running++;
            return true;
        }
    }

    public void Leave()
    {
        lock (_gate)
            if (--Running == 0) _idle?.TrySetResult();
    }

    /// <summary>Waits until there are none, or until it is too late. No others come meanwhile: this node drains.</summary>
    public async Task DrainAsync(CancellationToken deadline)
    {
        Task idle;
        lock (_gate)
        {
            if (Running == 0) return;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            idle = _idle.Task;
        }
        await idle.WaitAsync(deadline).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
