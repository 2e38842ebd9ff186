namespace Samovar.Simulation;

/// <summary>Time as the process of a life knows it: nothing is due while it stands still.</summary>
internal sealed class LifeTime(Life life) : TimeProvider
{
    public override long TimestampFrequency => 1000;

    public override long GetTimestamp() => life.Schedule.Agenda.Now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new LifeTimer();
        life.Schedule.Agenda.After((long)dueTime.TotalMilliseconds, () => life.Do(() =>
        {
            if (!timer.IsDisposed) callback(state);
        }));
        return timer;
    }

    /// <summary>Fires once.</summary>
    private sealed class LifeTimer : ITimer
    {
        public bool IsDisposed { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException();
        public void Dispose() => IsDisposed = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
