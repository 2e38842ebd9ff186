using Samovar.Backends.Upstream.Destinations;

namespace Samovar.Backends.Upstream.Attempts;

/// <summary>Ends an attempt whose upstream is silent for too long; a pause in which nobody listens is no silence of the upstream.</summary>
internal sealed class SilenceWatch : IDisposable
{
    private static readonly TimeSpan NoPause = TimeSpan.FromMilliseconds(100); // shorter ones are not worth setting the clock again
    private readonly CancellationTokenSource _silent = new(); // its timer is this class's own
    private readonly UpstreamOptions _options;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _pausedAt;
    private volatile bool _isPaused;

    public SilenceWatch(UpstreamOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _timer = time.CreateTimer(_ => End(), null, options.FirstEventTimeout, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The upstream was silent for too long.</summary>
    public CancellationToken Token => _silent.Token;

    /// <summary>The upstream gave a sign of life.</summary>
    public void Heard() => _timer.Change(_options.IdleTimeout, Timeout.InfiniteTimeSpan);

    /// <summary>Nobody listens from now on.</summary>
    public void Pause()
    {
        _pausedAt = _time.GetTimestamp();
        _isPaused = true;
    }

    public void GoOn()
    {
        if (_time.GetElapsedTime(_pausedAt) > NoPause) Heard();
        _isPaused = false;
    }

    public void Dispose()
    {
        _timer.Dispose();
        _silent.Dispose();
    }

    private void End()
    {
        if (_isPaused) return; // GoOn sets it again
        try { _silent.Cancel(); }
        catch (ObjectDisposedException) { /* the attempt ended in this very moment */ }
    }
}
