using Samovar.Stores;

namespace Samovar.Quotas;

/// <summary>Turns at once of one quota at this node: those that run, and those that are lent to it. Not for two threads at once.</summary>
/// <remarks>
/// A node that has less than its even share and finds nothing left presses: those that have more learn of it with their next question,
/// which comes at least once in <see cref="TellEvery"/> while they hold more, let no turn begin beyond their even share, and give back what
/// becomes free. So a flood at one node does not keep the clients of another waiting.
/// </remarks>
internal sealed class QuotaPlaces(TimeProvider time)
{
    private static readonly TimeSpan PressedFor = TimeSpan.FromSeconds(3), PressesFor = TimeSpan.FromSeconds(2),
        TellEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WaitMin = TimeSpan.FromSeconds(1), WaitMax = TimeSpan.FromSeconds(30);
    private const double NewestPart = 0.2; // of a turn's time in the mean
    private int _running, _lent;
    private bool _isShort;
    private long? _pressedAt, _missedAt;
    private TimeSpan _turnTime;
    private long _neededAt = time.GetTimestamp(), _toldAt = time.GetTimestamp();

    /// <summary>Whether nothing is held.</summary>
    public bool IsEmpty => _running == 0 && _lent == 0;

    /// <summary>Turns whose places others may have: nobody reads their answers.</summary>
    public int Unread { get; set; }

    private int Counted => Math.Max(0, _running - Unread);
    private bool IsPressed => IsWithin(PressedFor, _pressedAt);

    /// <summary>How long until a turn may begin; zero: it may now. When one of those that run will end nobody knows.</summary>
    public TimeSpan WaitFor(int limit, NodePart part) => Counted < Max(limit, part) ? TimeSpan.Zero
        : TimeSpan.FromTicks(Math.Clamp((_turnTime / limit).Ticks, WaitMin.Ticks, WaitMax.Ticks));

    /// <summary>Whether no turn may begin, as far as this node knows.</summary>
    public bool IsFull(int limit, NodePart part) => Counted >= Reach(limit, part);

    /// <summary>A turn begins.</summary>
    public void Take(int? limit, NodePart part)
    {
        _running++;
        if (limit is { } turns && Counted + part.GrantOf(turns) >= _lent) _neededAt = time.GetTimestamp();
    }

    /// <summary>A turn is over.</summary>
    public void GiveBack(TimeSpan turnTime)
    {
        _running--;
        _turnTime = _turnTime == TimeSpan.Zero ? turnTime : _turnTime * (1 - NewestPart) + turnTime * NewestPart;
    }

    /// <summary>How many this node may come to have, as far as it knows: fewer than all once the others have left it fewer.</summary>
    public int Reach(int limit, NodePart part) =>
        part.State == PartState.Granted && !_isShort && !IsPressed ? limit : Max(limit, part);

    /// <summary>Whether there is something to tell though no turn waits.</summary>
    /// <param name="isIdle">Whether no turn has begun for some time.</param>
    public bool HasToTell(int? limit, NodePart part, bool isIdle)
    {
        var givesBack = Kept(limit, part, isIdle) < _lent;
        if (givesBack && (isIdle || IsPressed)) return true;
        return time.GetElapsedTime(_toldAt) >= TellEvery
            && (givesBack || limit is { } max && !isIdle && (_isShort || _lent > Even(max, part)));
    }

    /// <summary>Whether another node waits for places that this one has beyond its even share.</summary>
    public bool HasToGiveBack(int? limit, NodePart part) => IsPressed && Kept(limit, part, isIdle: false) < _lent;

    /// <summary>What is told and asked now.</summary>
    /// <param name="waiting">Turns that wait for the answer.</param>
    public TurnsAsk Ask(int? limit, NodePart part, int waiting, bool isIdle)
    {
        if (waiting == 0) _lent = Math.Max(Counted, Kept(limit, part, isIdle));
        _toldAt = time.GetTimestamp();
        if (limit is not { } max) return default;
        var needs = waiting > 0 && Counted >= Math.Min(_lent, Max(max, part)) || _isShort && !isIdle;
        var wanted = needs ? Math.Max(_lent, Counted + Math.Max(waiting, (int)part.GrantOf(max))) : _lent;
        if (IsPressed)
        {
            // two that press each other would both stand back, for ever where there is one place: who is pressed does not press
            wanted = Math.Max(Counted, Math.Min(wanted, Even(max, part)));
            _lent = Math.Min(_lent, wanted); // from now on: turns may begin before the answer comes
            return new TurnsAsk(max, Counted, wanted);
        }
        if (waiting > 0) _missedAt = time.GetTimestamp();
        var presses = needs && IsWithin(PressesFor, _missedAt) && _lent < Math.Max(1, Even(max, part));
        return new TurnsAsk(max, Counted, wanted, presses ? wanted : 0);
    }

    public void Grant(TurnsAsk ask, QuotaGrant grant)
    {
        _lent = grant.Turns;
        _isShort = grant.Turns < ask.Wanted;
        _pressedAt = grant.IsPressed ? time.GetTimestamp() : null;
    }

    private int Max(int limit, NodePart part) => part.State switch
    {
        PartState.Whole => limit,
        PartState.Granted => IsPressed ? Math.Min(_lent, Even(limit, part)) : _lent,
        _ => Math.Max(_lent, (int)part.Of(limit)),
    };

    /// <summary>Places that need not be given back.</summary>
    private int Kept(int? limit, NodePart part, bool isIdle) =>
        isIdle ? Counted
        : limit is not { } max ? _lent
        : IsPressed ? Math.Min(_lent, Math.Max(Counted, Even(max, part)))
        : time.GetElapsedTime(_neededAt) >= TellEvery ? Math.Min(_lent, Counted + (int)part.GrantOf(max)) : _lent;

    private bool IsWithin(TimeSpan span, long? since) => since is { } at && time.GetElapsedTime(at) < span;

    /// <summary>0 where there are fewer than nodes: then they go from one to the other.</summary>
    private static int Even(int limit, NodePart part) => limit / part.Nodes;
}
