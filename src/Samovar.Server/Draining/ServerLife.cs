namespace Samovar.Server.Draining;

/// <summary>How far the server is on its way out: serving, draining (no new turns), closing (sockets end).</summary>
internal sealed class ServerLife : IDisposable
{
    private readonly CancellationTokenSource _closing = new();
    private volatile bool _isDraining;

    public bool IsDraining => _isDraining;

    /// <summary>Cancelled when no turn runs any more: sockets close.</summary>
    public CancellationToken Closing => _closing.Token;

    public void Drain() => _isDraining = true;

    public Task CloseAsync() => _closing.CancelAsync();

    public void Dispose() => _closing.Dispose();
}
