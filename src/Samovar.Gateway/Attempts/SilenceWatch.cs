using Samovar.Gateway.Destinations;

namespace Samovar.Gateway.Attempts;

/// <summary>
/// Ends an attempt with its turn, or when its upstream is silent for too long; a pause in which nobody listens is not its silence.
/// </summary>
internal sealed class SilenceWatch : IDisposable
{
    private const long Nothing = long.MinValue; // was heard yet
    private static readonly TimeSpan TimerMin = TimeSpan.FromMilliseconds(1);
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _ended = new(); // its timer is this class's own
    private readonly CancellationTokenRegistration _turn;
    private readonly TimeSpan _silenceMax; // once it has spoken
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _heardAt = Nothing; // or listened again since
    private volatile bool _isPaused;
    private volatile bool _isSilent;
    private bool _isDue; // its time came while nobody listened

    /// <param name="more">How much longer a silence may be than usual, because who listens may be without a connection.</param>
    public SilenceWatch(UpstreamOptions options, TimeProvider time, CancellationToken turnCancelled, TimeSpan more = default)
    {
        Token = _ended.Token;
        (_silenceMax, _time) = (options.IdleTimeout + more, time);
        _timer = time.CreateTimer(
            static watch => ((SilenceWatch)watch!).End(), this, options.FirstEventTimeout + more, Timeout.InfiniteTimeSpan);
        _turn = turnCancelled.UnsafeRegister(static watch => ((SilenceWatch)watch!).Cancel(), this);
    }

    /// <summary>The attempt shall end.</summary>
    public CancellationToken Token { get; }

    /// <summary>The upstream was silent for too long.</summary>
    public bool IsSilent => _isSilent;

    /// <summary>The upstream gave a sign of life.</summary>
    public void Heard()
    {
        var isFirst = Interlocked.Exchange(ref _heardAt, _time.GetTimestamp()) == Nothing;
        if (isFirst) _timer.Change(_silenceMax, Timeout.InfiniteTimeSpan); // later signs are seen when its time comes
    }

    /// <summary>Nobody listens from now on.</summary>
    public void Pause() => _isPaused = true;

    /// <summary>Somebody waits for the upstream again: where it had begun to speak, its silence begins now.</summary>
    public void GoOn()
    {
        if (!_isPaused) return;
        lock (_gate)
        {
            _isPaused = false;
            if (Interlocked.Read(ref _heardAt) != Nothing) Interlocked.Exchange(ref _heardAt, _time.GetTimestamp());
            if (_isDue) _timer.Change(_silenceMax, Timeout.InfiniteTimeSpan);
            _isDue = false;
        }
    }

    /// <summary>Ends the attempt as if its time had come, unless its upstream has begun to speak meanwhile.</summary>
    public void GiveUpUnheard()
    {
        if (Interlocked.Read(ref _heardAt) == Nothing) GiveUp();
    }

    private void GiveUp()
    {
        _isSilent = true;
        try { Cancel(); }
        catch (AggregateException) { /* what the attempt does at its end broke: it is reported there, and no timer's fault */ }
    }

    public void Dispose()
    {
        _turn.Unregister();
        _timer.Dispose();
        _ended.Dispose();
    }

    private void End()
    {
        lock (_gate)
        {
            _isDue = _isPaused;
            if (_isPaused) return; // GoOn sets it again
            var heardAt = Interlocked.Read(ref _heardAt);
            if (heardAt != Nothing && _silenceMax - _time.GetElapsedTime(heardAt) is { Ticks: > 0 } left)
            {
                _timer.Change(left > TimerMin ? left : TimerMin, Timeout.InfiniteTimeSpan);
                return;
            }
        }
        GiveUp();
    }

    /// <summary>Ends the attempt.</summary>
    public void Cancel()
    {
        try { _ended.Cancel(); }
        catch (ObjectDisposedException) { /* the attempt ended in this very moment */ }
    }
}
