using Samovar.Gateway.Wire;

namespace Samovar.Gateway.Attempts;

/// <summary>Says when an attempt is left whose response shall end early.</summary>
/// <remarks>
/// At once, unless the upstream has been sent what the user said: then it is given a moment to end its response itself, so that it and its
/// socket are kept. Whatever breaks behind such a frame is an end as well.
/// </remarks>
internal sealed class SteeredEnd : IDisposable
{
    private readonly Lock _gate = new();
    private readonly UpstreamCall _call;
    private readonly TimeSpan _timeMax;
    private readonly TimeProvider _time;
    private readonly SilenceWatch _watch;
    private readonly CancellationTokenRegistration _early;
    private ITimer? _timer;
    private bool _isOver;
    private volatile bool _isDue;

    public SteeredEnd(UpstreamCall call, TimeSpan timeMax, TimeProvider time, SilenceWatch watch)
    {
        (_call, _timeMax, _time, _watch) = (call, timeMax, time, watch);
        call.OnSteerRefused(Refused);
        _early = call.Turn.EndsEarly.UnsafeRegister(static end => ((SteeredEnd)end!).Begin(), this);
    }

    /// <summary>What came until now is all of it.</summary>
    public bool IsDue => _isDue;

    /// <summary>Whether something that broke is the end of a response that was to end anyway.</summary>
    /// <remarks>What the user said would be lost with a response that fails; what was said to it comes next.</remarks>
    public bool Takes() => _isDue = _isDue || !_call.IsOver && (_call.IsSteered || _call.Turn.Steering is { IsUsed: true });

    public void Dispose()
    {
        _early.Unregister();
        lock (_gate)
        {
            _isOver = true;
            _timer?.Dispose();
        }
    }

    private void Begin()
    {
        if (!_call.IsSteered) End();
        else
            lock (_gate)
                if (!_isOver)
                    _timer ??= _time.CreateTimer(static end => ((SteeredEnd)end!).End(), this, _timeMax, Timeout.InfiniteTimeSpan);
    }

    private void Refused()
    {
        if (_call.Turn.EndsEarly.IsCancellationRequested) End();
    }

    private void End()
    {
        if (_call.IsOver) return;
        _isDue = true;
        _watch.Cancel();
    }
}
