namespace Samovar.Server.Draining;

/// <summary>How far the server is on its way out: serving, draining (no new turns), cutting (what did not end in time), closing (sockets
/// end).</summary>
internal sealed class ServerLife : IDisposable
{
    private readonly CancellationTokenSource _cutting = new(), _closing = new();
    private volatile bool _isDraining;

    public bool IsDraining => _isDraining;

    /// <summary>Cancelled when nothing is waited for any longer that other nodes do for clients here.</summary>
    public CancellationToken Cutting => _cutting.Token;

    /// <summary>Cancelled when no turn runs any more: sockets close.</summary>
    public CancellationToken Closing => _closing.Token;

    public void Drain() => _isDraining = true;

    public Task CutAsync() => _cutting.CancelAsync();

    public async Task CloseAsync()
    {
        await _cutting.CancelAsync();
        await _closing.CancelAsync();
    }

    public void Dispose()
    {
        _cutting.Dispose();
        _closing.Dispose();
    }
}
