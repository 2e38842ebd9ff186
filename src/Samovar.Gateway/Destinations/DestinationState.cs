namespace Samovar.Gateway.Destinations;

/// <summary>How a destination is at the moment: what it carries, what it may carry, and whether it is fit. Safe for all threads.</summary>
/// <remarks>It outlives the configuration that it began with: running turns stay counted when limits change.</remarks>
internal sealed class DestinationState(DestinationOptions limits, UpstreamOptions options, TimeProvider time, Action? loosened = null)
{
    private static readonly Refusal Busy = new(RefusalReason.InFlight, TimeSpan.FromSeconds(1));
    private readonly Lock _lock = new();
    private readonly MinuteWindow _requests = new();
    private readonly MinuteWindow _tokens = new();
    private readonly Circuit _circuit = new(options.CircuitFailures, options.CircuitOpenTime, options.CircuitOpenMax);
    private DestinationOptions _limits = limits;
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
            var isTrial = _circuit.Enter();
            _requests.Add(now, 1);
            _inFlight++;
            return new Admission.Granted(new Place(this, isTrial));
        }
    }

    /// <summary>A turn that has its place sends a second request.</summary>
    public void Repeated() { lock (_lock) _requests.Add(time.GetUtcNow(), 1); }

    /// <summary>New limits; what is not asked for its health any more counts as fit.</summary>
    public void Apply(DestinationOptions changed)
    {
        lock (_lock)
        {
            _limits = changed;
            _isHealthy |= changed.HealthPath is null;
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
    /// <param name="asked">For how long; null is <c>CooldownDefault</c>, more than <c>CooldownMax</c> is that.</param>
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

    public void SetHealth(bool isHealthy)
    {
        lock (_lock)
        {
            if (_isHealthy == isHealthy) return;
            _isHealthy = isHealthy;
        }
        if (isHealthy) loosened?.Invoke();
    }

    private Refusal? RefusalAt(DateTimeOffset now)
    {
        if (!_isHealthy) return new Refusal(RefusalReason.Unhealthy, options.HealthInterval);
        if (now < _restsUntil) return new Refusal(RefusalReason.Cooldown, _restsUntil - now);
        if (_circuit.IsOpen(now)) return new Refusal(RefusalReason.CircuitOpen, _circuit.UntilTry(now));
        if (_limits.InFlightMax > 0 && _inFlight >= _limits.InFlightMax) return Busy;
        if (_limits.RequestsPerMinute > 0 && _requests.Sum(now) >= _limits.RequestsPerMinute)
            return new Refusal(RefusalReason.RequestsPerMinute, _requests.UntilLess(now));
        if (_limits.TokensPerMinute > 0 && _tokens.Sum(now) >= _limits.TokensPerMinute)
            return new Refusal(RefusalReason.TokensPerMinute, _tokens.UntilLess(now));
        return null;
    }

    private void Leave(bool wasTrial)
    {
        lock (_lock)
        {
            _inFlight--;
            if (wasTrial) _circuit.LeaveTrial(); // others that end meanwhile let no second one try
        }
        loosened?.Invoke(); // outside the lock: who waits takes the place at once
    }

    /// <summary>One turn's place; given back once.</summary>
    private sealed class Place(DestinationState state, bool isTrial) : IDisposable
    {
        private DestinationState? _state = state;

        public void Dispose() => Interlocked.Exchange(ref _state, null)?.Leave(isTrial);
    }
}
