using Samovar.Scheduling.Fairness;

namespace Samovar.Gateway.Destinations;

/// <summary>One turn's place at a destination; given back once.</summary>
/// <param name="isTrial">Whether the turn is the one that tries a half-open circuit.</param>
internal sealed class DestinationPlace(IPlaceOwner owner, FlowId flow, bool isTrial, TimeProvider time) : IDisposable
{
    private const long Never = long.MinValue;
    private IPlaceOwner? _owner = owner;
    private Action? _leaving;
    private Action? _givingUp;
    private bool _hasOutput;
    private long _pausedAt = Never;
    private readonly long _since = time.GetTimestamp();

    /// <summary>How long it has been taken.</summary>
    public TimeSpan Age => time.GetElapsedTime(_since);

    public FlowId Flow { get; } = flow;

    /// <summary>Whether its turn is the one that tries a half-open circuit, and has not shown yet how that goes.</summary>
    public bool IsTrial { get; private set; } = isTrial;

    /// <summary>The model for which the turn may be sent elsewhere while it waits for its first event; null where it may not.</summary>
    public string? MovesFor { get; set; }

    /// <summary>What it waits for. The destination's own, under its lock.</summary>
    public LinkedListNode<AskedTurn>? Waiting { get; set; }

    /// <summary>How long nobody has read the turn's answer; null while somebody does.</summary>
    public TimeSpan? PausedFor => Volatile.Read(ref _pausedAt) is var at and not Never ? time.GetElapsedTime(at) : null;

    /// <summary>Called before the place is free, so that its next holder is chosen by what is held then.</summary>
    public void OnLeaving(Action leaving) => _leaving = leaving;

    /// <summary>What came goes to the turn's reader, who may be behind: until it goes on the upstream is not read.</summary>
    public void Pause() => Volatile.Write(ref _pausedAt, time.GetTimestamp());

    public void GoOn() => Volatile.Write(ref _pausedAt, Never);

    /// <summary>An attempt's request is out: from now on its first event is waited for.</summary>
    public void Asked(long bytes) => _owner?.Asked(this, bytes);

    /// <summary>The destination said the first thing about the attempt.</summary>
    public void Heard() => _owner?.Heard(this);

    /// <summary>The attempt is over, the turn keeps its place.</summary>
    public void AttemptEnded()
    {
        _givingUp = null;
        _owner?.AttemptEnded(this);
    }

    /// <summary>Output came.</summary>
    public void Output()
    {
        if (_hasOutput) return;
        _hasOutput = true;
        if (!IsTrial) return;
        IsTrial = false;
        _owner?.TrialAnswered();
    }

    /// <summary>How the attempt is given up that waits for its first event.</summary>
    public void OnGivingUp(Action givingUp) => _givingUp = givingUp;

    /// <summary>Gives the attempt up, which fails as one whose destination is silent.</summary>
    public void GiveUp() => _givingUp?.Invoke();

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _owner, null) is not { } owner) return;
        _leaving?.Invoke();
        owner.Leave(this);
    }
}

/// <summary>A turn that waits for its first event.</summary>
/// <param name="Bytes">What was sent.</param>
/// <param name="At">When it had been sent.</param>
internal sealed record AskedTurn(DestinationPlace Place, long Bytes, long At)
{
    /// <summary>Whether it has waited for longer than usual.</summary>
    public bool IsOverdue { get; set; }
}

/// <summary>What a place belongs to.</summary>
internal interface IPlaceOwner
{
    /// <summary>The place's request is out.</summary>
    void Asked(DestinationPlace place, long bytes);

    /// <summary>The first thing came back.</summary>
    void Heard(DestinationPlace place);

    /// <summary>The attempt is over, the place is kept.</summary>
    void AttemptEnded(DestinationPlace place);

    /// <summary>The turn that tries a half-open circuit has output.</summary>
    void TrialAnswered();

    /// <summary>The place is given back.</summary>
    void Leave(DestinationPlace place);
}
