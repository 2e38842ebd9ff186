using Samovar.Backends;
using Samovar.Scheduling.Fairness;

namespace Samovar.Gateway.Destinations;

/// <summary>How a destination is at the moment: what it carries, what it may carry, and whether it is fit. Safe for all threads.</summary>
/// <remarks>It outlives the configuration that it began with: running turns stay counted when limits change.</remarks>
/// <param name="loosened">Called when a turn that found no place here may find one.</param>
/// <param name="log">Gets notified of changes; null: nothing does.</param>
/// <param name="share">What other nodes leave of its limits; null: this one has all of them.</param>
internal sealed class DestinationState(
    DestinationOptions limits, UpstreamOptions options, TimeProvider time, Action? loosened = null, DestinationLog? log = null,
    DestinationShare? share = null)
    : IPlaceOwner
{
    private static readonly Refusal Busy = new(RefusalReason.InFlight, TimeSpan.FromSeconds(1));
    private readonly Lock _lock = new();
    private readonly MinuteUse _requests = new();
    private readonly MinuteUse _tokens = new();
    private readonly Circuit _circuit = new(options);
    private DestinationOptions _limits = limits;
    private readonly DestinationAccount _account = new();
    private readonly HealthChecks _health = new();
    private readonly TakenPlaces _places = new();
    private readonly FirstEventTimes _firstEvents = new(options.OverdueMin, options.OverdueMax, time);
    private volatile ModelList _listed = ModelList.Unknown;

    /// <summary>What was noticed here, and is told once.</summary>
    public DestinationNotices Notices { get; } = new(limits.Name, log);

    /// <summary>Models that it said it does not have.</summary>
    public LackedModels Lacked { get; } = new(options, time);

    /// <summary>The models that the upstream lists.</summary>
    public ModelList Listed { get => _listed; set => _listed = value; }

    /// <summary>Turns that run here, those whose answer nobody reads included.</summary>
    public int InFlight { get { lock (_lock) return _places.Count; } }

    /// <summary>How the places here stand for a flow.</summary>
    public PlaceFigures PlacesFor(FlowId flow)
    {
        lock (_lock)
        {
            var isFit = FaultAt(time.GetUtcNow()) is null;
            var elsewhere = _limits.InFlightMax - (share?.Reach(_limits.InFlightMax) ?? _limits.InFlightMax);
            return new PlaceFigures(_limits.InFlightMax, elsewhere + _places.Count - Unread, _places.HeldBy(flow), isFit);
        }
    }

    /// <summary>Why a flow that has used much within the last minute leaves what is left to others; null where it need not.</summary>
    /// <param name="part">One of that many is left.</param>
    public Refusal? RateShareFor(FlowId flow, int part)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            var (requests, tokens) = share?.Left(_limits) ?? default;
            return _requests.WaitOf(flow, _limits.RequestsPerMinute, part, now, requests?.Remaining) is { } forRequests
                    ? new Refusal(RefusalReason.RequestsPerMinute, forRequests, IsOfFlow: true)
                : _tokens.WaitOf(flow, _limits.TokensPerMinute, part, now, tokens?.Remaining) is { } forTokens
                    ? new Refusal(RefusalReason.TokensPerMinute, forTokens, IsOfFlow: true)
                : null;
        }
    }

    /// <summary>What a flow used within the last minute; with null, what all did.</summary>
    public DestinationUse UsedBy(FlowId? flow)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            return new DestinationUse(_requests.Of(flow, now), _tokens.Of(flow, now));
        }
    }

    /// <summary>The limits of its account that the upstream stated with its newest answer; null keeps what is known.</summary>
    public void Stated(RateLimits? limits)
    {
        if (limits is null) return;
        lock (_lock) _account.Stated(limits, time.GetUtcNow());
    }

    /// <summary>What is known of the account's limits; null where the upstream has stated none.</summary>
    public RateLimits? StatedNow { get { lock (_lock) return _account.StatedNow(time.GetUtcNow()); } }

    /// <summary>The same, and pauses, of clients' own accounts, where it gets their keys.</summary>
    public CallerAccounts Callers { get; } = new(limits.Name, options, time, log);

    /// <summary>Whether one gets there at all.</summary>
    public DestinationWay Way { get; } = new(limits.Name, options.BridgeMax, log);

    /// <summary>Whether a turn that began with the key, perhaps under older settings, speaks of the account that is there now.</summary>
    public bool IsOfAccount(string? key) { lock (_lock) return _account.Is(key); }

    /// <summary>All of it at one moment.</summary>
    public DestinationFigures Figures
    {
        get
        {
            lock (_lock)
            {
                var now = time.GetUtcNow();
                return new DestinationFigures(_places.Count, _requests.Sum(now), _tokens.Sum(now), RefusalAt(now));
            }
        }
    }

    /// <summary>Why no turn may begin here now; null when one may.</summary>
    public Refusal? Refusal { get { lock (_lock) return RefusalAt(time.GetUtcNow()); } }

    /// <summary>Takes a place for one turn, or says why not.</summary>
    /// <param name="flow">Whose turn it is.</param>
    public Admission Admit(FlowId flow = default)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (HereAt(now) is { } refusal) return new Admission.Refused(refusal);
            if (share?.TryEnter(_limits, Unread) is { } left) return new Admission.Refused(left);
            var isTrial = _circuit.Enter(now);
            AddRequest(now, flow);
            var place = new DestinationPlace(this, flow, isTrial, time);
            _places.Add(place);
            return new Admission.Granted(place);
        }
    }

    /// <summary>A turn that has its place sends a second request.</summary>
    public void Repeated(FlowId flow)
    {
        lock (_lock) AddRequest(time.GetUtcNow(), flow);
        share?.Repeated();
    }

    /// <summary>New limits; what is not asked for its health any more counts as fit, and so does another key's account.</summary>
    /// <param name="key">The digest of its own key; null: it has none.</param>
    public void Apply(DestinationOptions changed, string? key = null)
    {
        lock (_lock)
        {
            _limits = changed;
            if (_account.Take(key)) _circuit.Succeeded();
            if (changed.HealthPath is null) _health.Passed();
        }
        Lacked.Clear();
    }

    /// <param name="flow">Whose turn it was.</param>
    public void Succeeded(int tokens, FlowId flow = default)
    {
        bool isClosed;
        lock (_lock)
        {
            isClosed = _circuit.Succeeded();
            _tokens.Add(time.GetUtcNow(), flow, tokens, isShared: _limits.TokensPerMinute > 0);
            share?.Used(tokens);
        }
        Notices.Served();
        if (isClosed) log?.CircuitClosed(_limits.Name);
    }

    /// <param name="by">Whose request may have caused it; null: none did.</param>
    public void Failed(string? by = null)
    {
        TimeSpan? opened;
        lock (_lock) opened = _circuit.Failed(time.GetUtcNow(), by);
        if (opened is { } remaining) log?.CircuitOpened(_limits.Name, remaining);
    }

    /// <summary>The turn that tries a half-open circuit has output: others may come, however long it goes on.</summary>
    public void TrialAnswered() => CloseCircuit(isThere: true);

    /// <summary>No connection came about, and whoever needs one waits for it: the circuit would only end their waits.</summary>
    public void Unreached() => CloseCircuit(isThere: false);

    private void CloseCircuit(bool isThere)
    {
        bool isClosed;
        lock (_lock) isClosed = (isThere || _circuit.IsOpened) && _circuit.Succeeded();
        if (!isClosed) return;
        if (isThere) log?.CircuitClosed(_limits.Name);
        else log?.AwaitsConnection(_limits.Name);
        loosened?.Invoke();
    }

    /// <summary>The upstream said 429.</summary>
    /// <param name="asked">For how long; null is <c>CooldownDefault</c>, more than <c>CooldownMax</c> is that.</param>
    public void Cool(TimeSpan? asked)
    {
        var remaining = options.CooldownFor(asked);
        bool isNew;
        lock (_lock) isNew = _account.Cool(time.GetUtcNow(), remaining);
        if (isNew) log?.Pauses(_limits.Name, remaining);
    }

    /// <param name="asked">The path that was asked; null: whichever it is.</param>
    /// <param name="lateMax">How many answers in a row may be too late before it counts as unfit; null: it was not only late.</param>
    public void SetHealth(bool isHealthy, string? asked = null, int? lateMax = null)
    {
        lock (_lock)
        {
            if (asked is not null && asked != _limits.HealthPath) return; // the settings are others now: nobody would take it back
            if (isHealthy) _firstEvents.Heard();
            var wasFit = _health.IsFit;
            if (isHealthy) _health.Passed();
            else if (lateMax is { } max) _health.Late(max);
            else _health.Failed();
            if (_health.IsFit == wasFit) return;
            isHealthy = _health.IsFit;
        }
        if (isHealthy) log?.Fit(_limits.Name);
        else log?.Unfit(_limits.Name);
        if (isHealthy) loosened?.Invoke();
    }

    /// <summary>Answers that nobody reads hold no place that another turn could use, but never more than there are.</summary>
    private int Unread => Math.Min(_limits.InFlightMax, _places.CountOfPaused(options.UnreadPlaceTime));

    private void AddRequest(DateTimeOffset now, FlowId flow) => _requests.Add(now, flow, 1, isShared: _limits.RequestsPerMinute > 0);

    private Refusal? RefusalAt(DateTimeOffset now) => HereAt(now) ?? share?.RefusalOf(_limits);

    /// <summary>Why no turn may begin, whatever the other nodes do.</summary>
    private Refusal? HereAt(DateTimeOffset now)
    {
        if (FaultAt(now) is { } fault) return fault;
        if (_limits.InFlightMax > 0 && _places.Count >= _limits.InFlightMax && _places.Count - Unread >= _limits.InFlightMax) return Busy;
        if (_limits.RequestsPerMinute > 0 && _requests.Sum(now) >= _limits.RequestsPerMinute)
            return new Refusal(RefusalReason.RequestsPerMinute, _requests.UntilLess(now));
        if (_limits.TokensPerMinute > 0 && _tokens.Sum(now) >= _limits.TokensPerMinute)
            return new Refusal(RefusalReason.TokensPerMinute, _tokens.UntilLess(now));
        return null;
    }

    /// <summary>Why it is not fit to take a turn, however few run here.</summary>
    private Refusal? FaultAt(DateTimeOffset now)
    {
        if (!_health.IsFit) return new Refusal(RefusalReason.Unhealthy, options.HealthInterval);
        if (_account.PauseAt(now) is { } pause) return new Refusal(RefusalReason.Cooldown, pause);
        if (_circuit.IsOpen(now)) return new Refusal(RefusalReason.CircuitOpen, _circuit.UntilTry(now));
        return null;
    }

    /// <summary>What is usual between a request and the first that is said about it; null where nobody knows yet.</summary>
    public TimeSpan? UsualFirstEvent { get { lock (_lock) return _firstEvents.Usual; } }

    /// <summary>Whether <see cref="Overdue"/> is worth asking; takes no lock.</summary>
    public bool MayBeOverdue => _firstEvents.MayBeOverdue;

    /// <summary>Whether an overdue turn left without a word, and nothing has come since.</summary>
    public bool IsSuspect { get { lock (_lock) return _firstEvents.IsSuspect; } }

    public void Asked(DestinationPlace place, long bytes) { lock (_lock) place.Waiting = _firstEvents.Asked(place, bytes); }

    public void Heard(DestinationPlace place)
    {
        lock (_lock)
        {
            if (place.Waiting is { } waiting) _firstEvents.Heard(waiting);
            place.Waiting = null;
        }
    }

    public void AttemptEnded(DestinationPlace place)
    {
        lock (_lock)
        {
            if (place.Waiting is { } waiting) _firstEvents.Gone(waiting);
            place.Waiting = null;
        }
    }

    /// <summary>The places of turns whose first event is overdue, the longest wait first.</summary>
    /// <param name="usual">What is usual at others, for a destination that has not answered often enough.</param>
    /// <param name="times">The factor on the wait that makes one overdue.</param>
    public IReadOnlyList<DestinationPlace> Overdue(TimeSpan? usual, int times = 1)
    {
        lock (_lock) return _firstEvents.Overdue(usual, times);
    }

    /// <summary>A place is given back.</summary>
    public void Leave(DestinationPlace place)
    {
        lock (_lock)
        {
            _places.Remove(place);
            share?.Leave(place.Age, Unread);
            if (place.Waiting is { } waiting) _firstEvents.Gone(waiting);
            if (place.IsTrial) _circuit.LeaveTrial(); // others that end meanwhile let no second one try
        }
        loosened?.Invoke(); // outside the lock: who waits takes the place at once
    }
}
