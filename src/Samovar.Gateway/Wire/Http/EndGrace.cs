using Samovar.Gateway.Destinations;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Wire.Http;

/// <summary>
/// Reads a stream to its end, and no longer than a short while once the answer is whole: some upstreams send neither the mark that ends a
/// stream nor close the connection.
/// </summary>
internal sealed class EndGrace(UpstreamOptions options, TimeProvider time, CancellationToken attemptEnded) : IDisposable
{
    private CancellationTokenSource? _over;
    private CancellationTokenSource? _either;

    /// <summary>The answer has its reason to end; what follows is waited for only so long.</summary>
    public void Begin()
    {
        if (_over is not null) return;
        _over = new CancellationTokenSource(options.EndGrace, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(attemptEnded, _over.Token);
    }

    /// <summary>The next event; null at the end, or when the grace is over.</summary>
    public async ValueTask<RawJson?> NextAsync(SseReader stream)
    {
        try
        {
            return await stream.NextAsync(_either?.Token ?? attemptEnded);
        }
        catch (OperationCanceledException) when (_over?.IsCancellationRequested == true && !attemptEnded.IsCancellationRequested)
        {
            return null;
        }
    }

    public void Dispose()
    {
        _either?.Dispose();
        _over?.Dispose();
    }
}
