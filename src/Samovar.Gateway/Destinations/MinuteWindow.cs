namespace Samovar.Gateway.Destinations;

/// <summary>A sum over the last minute, in steps of a second. Not for two threads at once.</summary>
internal sealed class MinuteWindow
{
    private const int Seconds = 60;
    private readonly long[] _amounts = new long[Seconds];
    private long _newest;
    private long _sum;

    public void Add(DateTimeOffset now, long amount)
    {
        Turn(now);
        _amounts[_newest % Seconds] += amount;
        _sum += amount;
    }

    public long Sum(DateTimeOffset now)
    {
        Turn(now);
        return _sum;
    }

    /// <summary>How long until something falls out of the window.</summary>
    public TimeSpan UntilLess(DateTimeOffset now)
    {
        Turn(now);
        for (var age = Seconds - 1; age >= 0; age--)
            if (_newest >= age && _amounts[(_newest - age) % Seconds] > 0) return TimeSpan.FromSeconds(Seconds - age);
        return TimeSpan.Zero;
    }

    /// <summary>How long until nothing of it is in the window any more.</summary>
    public TimeSpan UntilNone(DateTimeOffset now)
    {
        Turn(now);
        for (var age = 0; age < Seconds && age <= _newest; age++)
            if (_amounts[(_newest - age) % Seconds] > 0) return TimeSpan.FromSeconds(Seconds - age);
        return TimeSpan.Zero;
    }

    private void Turn(DateTimeOffset now)
    {
        var second = now.ToUnixTimeSeconds();
        if (second <= _newest) return;
        var steps = Math.Min(second - _newest, Seconds);
        for (var step = 1; step <= steps; step++)
        {
            var slot = (second - steps + step) % Seconds;
            _sum -= _amounts[slot];
            _amounts[slot] = 0;
        }
        _newest = second;
    }
}
