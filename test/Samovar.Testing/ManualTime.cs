namespace Samovar.Testing;

/// <summary>
/// A clock that moves only when a test says so; timers fire inside <see cref="Advance"/>, in the order in which they are due.
/// </summary>
public sealed class ManualTime : TimeProvider
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private readonly List<(TimeSpan DueTime, int Timers, TaskCompletionSource Armed)> _awaited = [];
    private TimeSpan _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Timers that are armed: what a test may wait for before it moves time.</summary>
    public int Armed { get { lock (_gate) return _timers.Count; } }

    /// <summary>Ends when timers are armed that are due so long from now: from then on <see cref="Advance"/> cannot miss them.</summary>
    /// <param name="dueTime">From now.</param>
    /// <param name="timers">How many of them.</param>
    public Task WhenArmed(TimeSpan dueTime, int timers = 1)
    {
        lock (_gate)
        {
            if (DueAfter(dueTime) >= timers) return Task.CompletedTask;
            var armed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((dueTime, timers, armed));
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

    private int DueAfter(TimeSpan dueTime) => _timers.Count(timer => timer.Due == _now + dueTime);

    private void Arm(TimeSpan dueTime)
    {
        var due = DueAfter(dueTime);
        var seen = _awaited.Where(awaited => awaited.DueTime == dueTime && awaited.Timers <= due).ToList();
        foreach (var awaited in seen)
        {
            _awaited.Remove(awaited);
            awaited.Armed.TrySetResult();
        }
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
                time.Arm(dueTime);
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
