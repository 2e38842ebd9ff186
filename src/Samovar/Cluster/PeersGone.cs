namespace Samovar.Cluster;

/// <summary>Wakes who ends what dead peers have left, as soon as their rows say that they are dead. One waits at a time.</summary>
internal sealed class PeersGone : IDisposable
{
    private readonly SemaphoreSlim _gone = new(0, 1);

    /// <summary>Some have died. For one caller at a time.</summary>
    public void Tell()
    {
        if (_gone.CurrentCount == 0) _gone.Release();
    }

    /// <summary>Until some have died since the last time.</summary>
    public Task WaitAsync(CancellationToken nodeStopping) => _gone.WaitAsync(nodeStopping);

    public void Dispose() => _gone.Dispose();
}
