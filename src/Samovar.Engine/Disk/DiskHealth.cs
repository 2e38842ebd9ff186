namespace Samovar.Engine.Disk;

/// <summary>Whether the disk works: after a failure it is left alone for a while, and then tried again. Safe for all threads.</summary>
internal sealed class DiskHealth(TimeProvider time, TimeSpan retryDelay, EngineMeters meters)
{
    private readonly Lock _gate = new();
    private long? _failed;
    private string? _fault;

    /// <summary>Called when it has failed.</summary>
    public Action? HasFailed { get; set; }

    /// <summary>What failed last; null where the last try did not.</summary>
    public string? Fault { get { lock (_gate) return _fault; } }

    /// <summary>Whether it failed so lately that it is not tried.</summary>
    public bool IsResting { get { lock (_gate) return Left() > TimeSpan.Zero; } }

    /// <summary>When it may be tried again.</summary>
    public TimeSpan RestLeft { get { lock (_gate) return Left(); } }

    public void Failed(string fault)
    {
        Interlocked.Increment(ref meters.DiskFailures);
        lock (_gate) (_failed, _fault) = (time.GetTimestamp(), fault);
        HasFailed?.Invoke();
    }

    public void Worked()
    {
        lock (_gate) (_failed, _fault) = (null, null);
    }

    private TimeSpan Left() => _failed is { } at && retryDelay - time.GetElapsedTime(at) is { Ticks: > 0 } left ? left : TimeSpan.Zero;
}
