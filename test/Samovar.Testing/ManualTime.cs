namespace Samovar.Testing;

/// <summary>
/// A clock that moves only when a test says so; timers fire inside <see cref="Advance"/>, in the order in which they are due.
/// </summary>
public sealed class ManualTime : TimeProvider
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private readonly List<(TimeSpan DueTime, TaskCompletionSource Armed)> _awaited = [];
    private TimeSpan _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Timers that are armed: what a test may wait for before it moves time.</summary>
    public int Armed { get { lock (_gate) return _timers.Count; } }

    /// <summary>Ends when a timer is armed that is due so long from now: from then on <see cref="Advance"/> cannot miss it.</summary>
    public Task WhenArmed(TimeSpan dueTime)
    {
        lock (_gate)
        {
            if (_timers.Any(timer => timer.Due == _now + dueTime)) return Task.CompletedTask;
            var armed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((dueTime, armed));
            return armed.Task;
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate) return Start + _now;
    }

    public override long GetTimestamp()
    {
        lock (_gate) return _now.Ticks;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan by)
    {
        TimeSpan until;
        lock (_gate) until = _now + by;
        while (NextDue(until) is { } timer) timer.Fire();
        lock (_gate) _now = until;
    }

    private ManualTimer? NextDue(TimeSpan until)
    {
        lock (_gate)
        {
            var next = _timers.Where(timer => timer.Due <= until).MinBy(timer => timer.Due);
            if (next is null) return null;
            if (next.Due > _now) _now = next.Due;
            if (next.Period > TimeSpan.Zero) next.Due += next.Period;
            else _timers.Remove(next);
            return next;
        }
    }

    private sealed class ManualTimer(ManualTime time, Action fire) : ITimer
    {
        public TimeSpan Due { get; set; }
        public TimeSpan Period { get; private set; }

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
            {
                time._timers.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan) return true;
                (Due, Period) = (time._now + dueTime, period == Timeout.InfiniteTimeSpan ? TimeSpan.Zero : period);
                time._timers.Add(this);
                foreach (var (_, armed) in time._awaited.Where(awaited => awaited.DueTime == dueTime)) armed.TrySetResult();
                time._awaited.RemoveAll(awaited => awaited.DueTime == dueTime);
                return true;
            }
        }

        public void Dispose()
        {
            lock (time._gate) time._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
