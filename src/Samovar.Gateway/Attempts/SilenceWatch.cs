using Samovar.Gateway.Destinations;

namespace Samovar.Gateway.Attempts;

/// <summary>Ends an attempt whose upstream is silent for too long; a pause in which nobody listens is no silence of the upstream.</summary>
internal sealed class SilenceWatch : IDisposable
{
    private static readonly TimeSpan NoPause = TimeSpan.FromMilliseconds(100); // shorter ones are not worth setting the clock again
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _silent = new(); // its timer is this class's own
    private readonly UpstreamOptions _options;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _pausedAt;
    private bool _isPaused;
    private bool _isDue; // its time came while nobody listened

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
        lock (_gate) (_pausedAt, _isPaused) = (_time.GetTimestamp(), true);
    }

    public void GoOn()
    {
        lock (_gate)
        {
            if (_isDue || _time.GetElapsedTime(_pausedAt) > NoPause) Heard();
            (_isDue, _isPaused) = (false, false);
        }
    }

    /// <summary>Ends the attempt as if its time had come.</summary>
    public void GiveUp()
    {
        try { _silent.Cancel(); }
        catch (ObjectDisposedException) { /* the attempt ended in this very moment */ }
        catch (AggregateException) { /* what the attempt does at its end broke: it is told there */ }
    }

    public void Dispose()
    {
        _timer.Dispose();
        _silent.Dispose();
    }

    private void End()
    {
        lock (_gate)
        {
            _isDue = _isPaused;
            if (_isPaused) return; // GoOn sets it again
        }
        try { _silent.Cancel(); }
        catch (ObjectDisposedException) { /* the attempt ended in this very moment */ }
        catch (AggregateException) { /* what the attempt does at its end broke: it is told there, and no timer's fault */ }
    }
}
