namespace Samovar.Engine.Disk;

/// <summary>How long is waited for the disk, and a clock that wakes the engine's thread.</summary>
internal sealed class DiskTimes : IDisposable
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _waitMax;
    private readonly ITimer _timer;

    public DiskTimes(TimeProvider time, TimeSpan waitMax, Action wake)
    {
        (_time, _waitMax) = (time, waitMax);
        _timer = time.CreateTimer(_ => wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public TimeSpan WaitMax => _waitMax;

    public long Now => _time.GetTimestamp();

    /// <summary>Until when one that asks now waits.</summary>
    public long Due() => Now + (long)(_waitMax.TotalSeconds * _time.TimestampFrequency);

    public bool IsOver(long until) => Now >= until;

    public TimeSpan Since(long from) => _time.GetElapsedTime(from);

    public void WakeAt(long until) => WakeIn(_time.GetElapsedTime(Now, until));

    /// <summary>Wakes the engine's thread then, and sooner where that was asked for.</summary>
    public void WakeIn(TimeSpan due) => _timer.Change(due > TimeSpan.Zero ? due : TimeSpan.Zero, Period);

    public void Dispose() => _timer.Dispose();

    private TimeSpan Period => _waitMax; // an earlier wish that a later one has replaced is late by that at most
}
