using Samovar.Gateway.Destinations;

namespace Samovar.Gateway.Attempts;

/// <summary>
/// Ends an attempt with its turn, or when its upstream is silent for too long; a pause in which nobody listens is not its silence.
/// </summary>
/// <remarks>Whoever gives signs of life and brings nothing of the answer is waited for as well, but longer.</remarks>
internal sealed class SilenceWatch : IDisposable
{
    private const long Nothing = long.MinValue; // was heard yet
    private static readonly TimeSpan TimerMin = TimeSpan.FromMilliseconds(1);
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _ended = new(); // its timer is this class's own
    private readonly CancellationTokenRegistration _turn;
    private readonly TimeSpan _silenceMax, _progressMax; // once it has spoken
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _heardAt = Nothing; // or listened again since
    private long _progressAt; // likewise, of what belongs to the answer
    private long _pausedAt;
    private volatile bool _isPaused;
    private volatile bool _isSilent;
    private bool _isDue; // its time came while nobody listened

    /// <param name="more">How much longer a silence may be than usual, because who listens may be without a connection.</param>
    public SilenceWatch(UpstreamOptions options, TimeProvider time, CancellationToken turnCancelled, TimeSpan more = default)
    {
        Token = _ended.Token;
        (_silenceMax, _progressMax, _time) = (options.IdleTimeout + more, options.ProgressTimeout + more, time);
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
        var now = _time.GetTimestamp();
        if (Interlocked.Read(ref _heardAt) == Nothing) Interlocked.CompareExchange(ref _progressAt, now, 0); // who sees that sees this
        if (Interlocked.Exchange(ref _heardAt, now) != Nothing) return; // later signs are seen when its time comes
        _timer.Change(_silenceMax < _progressMax ? _silenceMax : _progressMax, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The upstream brought something of its answer.</summary>
    public void Progressed() => Interlocked.Exchange(ref _progressAt, _time.GetTimestamp());

    /// <summary>Nobody listens from now on.</summary>
    public void Pause()
    {
        if (_isPaused) return;
        _pausedAt = _time.GetTimestamp();
        _isPaused = true;
    }

    /// <summary>Somebody waits for the upstream again: where it had begun to speak, its silence begins now.</summary>
    public void GoOn()
    {
        if (!_isPaused) return;
        lock (_gate)
        {
            _isPaused = false;
            if (Interlocked.Read(ref _heardAt) != Nothing)
            {
                var now = _time.GetTimestamp();
                Interlocked.Exchange(ref _heardAt, now);
                Interlocked.Add(ref _progressAt, now - _pausedAt);
            }
            if (_isDue) Await(Left ?? _silenceMax);
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
            if (Left is { Ticks: > 0 } left)
            {
                Await(left);
                return;
            }
        }
        GiveUp();
    }

    /// <summary>How long it may still be silent, or bring nothing; null where it has not spoken.</summary>
    private TimeSpan? Left
    {
        get
        {
            if (Interlocked.Read(ref _heardAt) is var heardAt && heardAt == Nothing) return null;
            var silent = _silenceMax - _time.GetElapsedTime(heardAt);
            var idle = _progressMax - _time.GetElapsedTime(Interlocked.Read(ref _progressAt));
            return silent < idle ? silent : idle;
        }
    }

    private void Await(TimeSpan time) => _timer.Change(time > TimerMin ? time : TimerMin, Timeout.InfiniteTimeSpan);

    /// <summary>Ends the attempt.</summary>
    public void Cancel()
    {
        try { _ended.Cancel(); }
        catch (ObjectDisposedException) { /* the attempt ended in this very moment */ }
    }
}
