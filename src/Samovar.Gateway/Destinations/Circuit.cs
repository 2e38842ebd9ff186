namespace Samovar.Gateway.Destinations;

/// <summary>
/// Keeps a destination that fails again and again out of use, and lets one turn try it after a while. Not for two threads at once.
/// </summary>
/// <remarks>
/// Closed → (failures in a row) → open → (its time passes) → half-open: one turn → closed, or open for twice as long. A failure that the
/// request itself may have caused counts once for each conversation: one whose requests always fail shuts nobody else out. A turn that
/// tries and says nothing lets the next one try beside it.
/// </remarks>
internal sealed class Circuit(UpstreamOptions options)
{
    private readonly HashSet<string> _failedBy = new(StringComparer.Ordinal); // since anything went well; as many as open it
    private int _failures;
    private TimeSpan? _open;
    private DateTimeOffset? _openUntil;
    private bool _isTrying;
    private DateTimeOffset _triedAt;

    /// <summary>Whether it was opened, and nothing has gone well since.</summary>
    public bool IsOpened => _openUntil is not null;

    public bool IsOpen(DateTimeOffset now) => UntilTry(now) > TimeSpan.Zero;

    public TimeSpan UntilTry(DateTimeOffset now)
    {
        if (_openUntil is not { } until) return TimeSpan.Zero;
        if (_isTrying && _triedAt + options.OverdueMin > until) until = _triedAt + options.OverdueMin;
        return now < until ? until - now : TimeSpan.Zero;
    }

    /// <summary>A turn begins.</summary>
    /// <returns>Whether it is the one that tries a half-open circuit.</returns>
    public bool Enter(DateTimeOffset now)
    {
        _triedAt = now;
        return _isTrying = _openUntil is not null;
    }

    /// <summary>The turn that tried has ended; where it said nothing about the destination, somebody else may try.</summary>
    public void LeaveTrial() => _isTrying = false;

    /// <summary>A turn went well, or has begun to.</summary>
    /// <returns>Whether the circuit was open before.</returns>
    public bool Succeeded()
    {
        var wasOpen = _openUntil is not null;
        (_failures, _open, _openUntil, _isTrying) = (0, null, null, false);
        _failedBy.Clear();
        return wasOpen;
    }

    private bool IsNew(string by)
    {
        if (_failedBy.Contains(by)) return false;
        if (_failedBy.Count >= options.CircuitFailures) _failedBy.Clear();
        return _failedBy.Add(by);
    }

    /// <summary>A turn failed.</summary>
    /// <param name="now">When.</param>
    /// <param name="by">Whose request may have caused it; null: none did.</param>
    /// <returns>For how long it opened the circuit; null where it did not.</returns>
    public TimeSpan? Failed(DateTimeOffset now, string? by = null)
    {
        if (now < _openUntil) return null; // it began before the circuit opened, and says nothing new
        var wasTrying = _isTrying;
        _isTrying = false;
        if (by is not null && !IsNew(by)) return null; // somebody else may try
        if (++_failures < options.CircuitFailures && !wasTrying) return null;
        var doubled = (_open ?? options.CircuitOpenTime) * 2;
        _open = !wasTrying ? options.CircuitOpenTime : doubled < options.CircuitOpenMax ? doubled : options.CircuitOpenMax;
        _openUntil = now + _open;
        return _open;
    }
}
