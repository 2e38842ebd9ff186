namespace Samovar.Client.Transports;

/// <summary>Notices that nothing came for too long.</summary>
internal sealed class Silence(TimeSpan longest, TimeProvider time, CancellationToken caller) : IDisposable
{
    private readonly CancellationTokenSource _tooLong = new(longest, time);
    private CancellationTokenSource? _linked;

    public CancellationToken Token => (_linked ??= CancellationTokenSource.CreateLinkedTokenSource(_tooLong.Token, caller)).Token;
    public bool IsTooLong => _tooLong.IsCancellationRequested && !caller.IsCancellationRequested;

    /// <summary>Something came.</summary>
    public void Heard() => _tooLong.CancelAfter(longest);

    public void Dispose()
    {
        _linked?.Dispose();
        _tooLong.Dispose();
    }
}
