namespace Samovar.Backends.Upstream.Destinations;

/// <summary>How a destination is at the moment: what it carries, what it may carry, and whether it is fit. Safe for all threads.</summary>
internal sealed class DestinationState(DestinationOptions limits, UpstreamOptions options, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly MinuteWindow _requests = new();
    private readonly MinuteWindow _tokens = new();
    private readonly Circuit _circuit = new(options.CircuitFailures, options.CircuitOpenTime, options.CircuitOpenMax);
    private DateTimeOffset _restsUntil;
    private bool _isHealthy = true;
    private int _inFlight;

    public int InFlight { get { lock (_lock) return _inFlight; } }

    /// <summary>All of it at one moment.</summary>
    public DestinationFigures Figures
    {
        get
        {
            lock (_lock)
            {
                var now = time.GetUtcNow();
                return new DestinationFigures(_inFlight, _requests.Sum(now), _tokens.Sum(now), RefusalAt(now));
            }
        }
    }

    /// <summary>Why no turn may begin here now; null when one may.</summary>
    public Refusal? Refusal { get { lock (_lock) return RefusalAt(time.GetUtcNow()); } }

    /// <summary>Takes a place for one turn, or says why not.</summary>
    public Admission Admit()
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (RefusalAt(now) is { } refusal) return new Admission.Refused(refusal);
            _circuit.Enter();
            _requests.Add(now, 1);
            _inFlight++;
            return new Admission.Granted(new Place(this));
        }
    }

    public void Succeeded(int tokens)
    {
        lock (_lock)
        {
            _circuit.Succeeded();
            _tokens.Add(time.GetUtcNow(), tokens);
        }
    }

    public void Failed() { lock (_lock) _circuit.Failed(time.GetUtcNow()); }

    /// <summary>The upstream said 429.</summary>
    public void Rest(TimeSpan? asked)
    {
        var rest = asked ?? options.CooldownDefault;
        if (rest > options.CooldownMax) rest = options.CooldownMax;
        lock (_lock)
        {
            var until = time.GetUtcNow() + rest;
            if (until > _restsUntil) _restsUntil = until;
        }
    }

    public void SetHealth(bool isHealthy) { lock (_lock) _isHealthy = isHealthy; }

    private Refusal? RefusalAt(DateTimeOffset now)
    {
        if (!_isHealthy) return new Refusal(RefusalReason.Unhealthy, options.HealthInterval);
        if (now < _restsUntil) return new Refusal(RefusalReason.Cooldown, _restsUntil - now);
        if (_circuit.IsOpen(now)) return new Refusal(RefusalReason.CircuitOpen, _circuit.UntilTry(now));
        if (limits.InFlightMax > 0 && _inFlight >= limits.InFlightMax) return new Refusal(RefusalReason.InFlight, TimeSpan.FromSeconds(1));
        if (limits.RequestsPerMinute > 0 && _requests.Sum(now) >= limits.RequestsPerMinute)
            return new Refusal(RefusalReason.RequestsPerMinute, _requests.UntilLess(now));
        if (limits.TokensPerMinute > 0 && _tokens.Sum(now) >= limits.TokensPerMinute)
            return new Refusal(RefusalReason.TokensPerMinute, _tokens.UntilLess(now));
        return null;
    }

    private void Leave()
    {
        lock (_lock)
        {
            _inFlight--;
            _circuit.Leave();
        }
    }

    /// <summary>One turn's place; given back once.</summary>
    private sealed class Place(DestinationState state) : IDisposable
    {
        private DestinationState? _state = state;

        public void Dispose() => Interlocked.Exchange(ref _state, null)?.Leave();
    }
}

/// <summary>Why a destination takes no turn, and when to ask again.</summary>
internal sealed record Refusal(RefusalReason Reason, TimeSpan RetryAfter);

internal enum RefusalReason { InFlight, RequestsPerMinute, TokensPerMinute, Cooldown, CircuitOpen, Unhealthy }

/// <summary>The answer to a turn that wants to begin at a destination.</summary>
internal abstract record Admission
{
    private Admission() { }
    public sealed record Granted(IDisposable Place) : Admission;
    public sealed record Refused(Refusal Refusal) : Admission;
}
