using Samovar.Gateway.Destinations;

namespace Samovar.Gateway.Attempts;

/// <summary>Ends an attempt whose upstream is silent for too long; a pause in which nobody listens is not its silence.</summary>
internal sealed class SilenceWatch : IDisposable
{
    private const long Nothing = long.MinValue; // was heard yet
    private static readonly TimeSpan TimerMin = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan NoPause = TimeSpan.FromMilliseconds(100); // shorter ones are not worth setting the clock again
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _silent = new(); // its timer is this class's own
    private readonly UpstreamOptions _options;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _heardAt = Nothing;
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
    public void Heard()
    {
        var isFirst = Interlocked.Exchange(ref _heardAt, _time.GetTimestamp()) == Nothing;
        if (isFirst) _timer.Change(_options.IdleTimeout, Timeout.InfiniteTimeSpan); // later signs are seen when its time comes
    }

    /// <summary>Nobody listens from now on.</summary>
    public void Pause()
    {
        lock (_gate) (_pausedAt, _isPaused) = (_time.GetTimestamp(), true);
    }

    public void GoOn()
    {
        lock (_gate)
        {
            if (_isDue || _time.GetElapsedTime(_pausedAt) > NoPause) Begin();
            (_isDue, _isPaused) = (false, false);
        }
    }

    /// <summary>Ends the attempt as if its time had come.</summary>
    public void GiveUp()
    {
        try { _silent.Cancel(); }
        catch (ObjectDisposedException) { /* the attempt ended in this very moment */ }
        catch (AggregateException) { /* what the attempt does at its end broke: it is reported there */ }
    }

    public void Dispose()
    {
        _timer.Dispose();
        _silent.Dispose();
    }

    /// <summary>The silence begins now, and with it the whole of its time.</summary>
    private void Begin()
    {
        Interlocked.Exchange(ref _heardAt, _time.GetTimestamp());
        _timer.Change(_options.IdleTimeout, Timeout.InfiniteTimeSpan);
    }

    private void End()
    {
        lock (_gate)
        {
            _isDue = _isPaused;
            if (_isPaused) return; // GoOn sets it again
            var heardAt = Interlocked.Read(ref _heardAt);
            if (heardAt != Nothing && _options.IdleTimeout - _time.GetElapsedTime(heardAt) is { Ticks: > 0 } left)
            {
                _timer.Change(left > TimerMin ? left : TimerMin, Timeout.InfiniteTimeSpan);
                return;
            }
        }
        try { _silent.Cancel(); }
        catch (ObjectDisposedException) { /* the attempt ended in this very moment */ }
        catch (AggregateException) { /* what the attempt does at its end broke: it is reported there, and no timer's fault */ }
    }
}
