namespace Samovar.Quotas;

/// <summary>What was used of a rate. It comes back evenly, a minute's worth in a minute. Not for two threads at once.</summary>
internal sealed class MinuteLeak(TimeProvider time)
{
    private double _used;
    private long _at = time.GetTimestamp();

    /// <param name="limit">In a minute.</param>
    public double Used(double limit)
    {
        var now = time.GetTimestamp();
        _used = Math.Max(0, _used - limit * time.GetElapsedTime(_at, now).TotalMinutes);
        _at = now;
        return _used;
    }

    public void Add(double amount, double limit) => _used = Math.Max(0, Used(limit) + amount);

    /// <summary>Somebody else has counted.</summary>
    public void Set(double used) => (_used, _at) = (used, time.GetTimestamp());

    /// <summary>How long until so much may be used; zero: it may be now. Rounded up, so that it is true.</summary>
    public TimeSpan WaitFor(double amount, double limit)
    {
        var over = Used(limit) + amount - Math.Max(amount, limit);
        return over <= Slack ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Ceiling(over / limit * MinuteMilliseconds));
    }

    private const double MinuteMilliseconds = 60_000;
    private const double Slack = 1e-6; // what adding and subtracting leaves behind
}
