namespace Samovar.Gateway.Destinations;

/// <summary>
/// Keeps a destination that fails again and again out of use, and lets one turn try it after a while. Not for two threads at once.
/// </summary>
/// <remarks>Closed → (failures in a row) → open → (its time passes) → half-open: one turn → closed, or open for twice as long.</remarks>
internal sealed class Circuit(int failuresMax, TimeSpan openTime, TimeSpan openMax)
{
    private int _failures;
    private TimeSpan? _open;
    private DateTimeOffset? _openUntil;
    private bool _isTrying;

    /// <summary>Whether it was opened, and nothing has gone well since.</summary>
    public bool IsOpened => _openUntil is not null;

    public bool IsOpen(DateTimeOffset now) => _openUntil is { } until && (now < until || _isTrying);

    public TimeSpan UntilTry(DateTimeOffset now) => _openUntil is { } until && now < until ? until - now : TimeSpan.Zero;

    /// <summary>A turn begins.</summary>
    /// <returns>Whether it is the one that tries a half-open circuit.</returns>
    public bool Enter() => _isTrying = _openUntil is not null;

    /// <summary>The turn that tried has ended; where it said nothing about the destination, somebody else may try.</summary>
    public void LeaveTrial() => _isTrying = false;

    /// <summary>A turn went well, or has begun to.</summary>
    /// <returns>Whether the circuit was open before.</returns>
    public bool Succeeded()
    {
        var wasOpen = _openUntil is not null;
        (_failures, _open, _openUntil, _isTrying) = (0, null, null, false);
        return wasOpen;
    }

    /// <summary>A turn failed.</summary>
    /// <returns>For how long it opened the circuit; null where it did not.</returns>
    public TimeSpan? Failed(DateTimeOffset now)
    {
        if (now < _openUntil) return null; // it began before the circuit opened, and says nothing new
        var wasTrying = _isTrying;
        _isTrying = false;
        if (++_failures < failuresMax && !wasTrying) return null;
        var doubled = (_open ?? openTime) * 2;
        _open = !wasTrying ? openTime : doubled < openMax ? doubled : openMax;
        _openUntil = now + _open;
        return _open;
    }
}
