using Samovar.Stores;

namespace Samovar.Quotas;

/// <summary>One rate of a tenant at this node: what it may use, what it has used. Not for two threads at once.</summary>
/// <remarks>
/// Its own use is always counted, so that a node that has to go on with its even share begins with what it used, and not anew.
/// </remarks>
internal sealed class QuotaRate(TimeProvider time)
{
    /// <summary>The wait where others may have left something.</summary>
    public static readonly TimeSpan NotKnown = TimeSpan.FromMilliseconds(1);

    private readonly MinuteLeak _own = new(time), _all = new(time);
    private double _left; // of what was granted; below 0: used beyond it, and told nobody yet

    /// <summary>Whether more was used than anybody was told.</summary>
    public bool Owes => _left < 0;

    /// <summary>Whether something is left of what was granted.</summary>
    public bool HasLeft => _left > 0;

    /// <summary>Whether nothing of it matters any more.</summary>
    public bool IsForgotten(double limit) => _left == 0 && _own.Used(limit) == 0;

    /// <summary>How long until one may be used; zero: it may be now.</summary>
    public TimeSpan WaitFor(long limit, NodePart part) => part.State switch
    {
        PartState.Whole => _own.WaitFor(1, limit),
        _ when _left >= 1 => TimeSpan.Zero,
        PartState.Even => _own.WaitFor(1, part.Of(limit)),
        _ => _all.WaitFor(1, limit) is var wait && wait > NotKnown ? wait : NotKnown,
    };

    public void Use(double amount, long limit, NodePart part)
    {
        var share = part.Of(limit);
        _own.Add(amount, share);
        if (part.State == PartState.Whole) return;
        if (part.State == PartState.Granted && _own.Used(share) > share) _own.Set(share); // others left it what it used beyond
        _left -= amount;
    }

    /// <summary>What is told and asked now.</summary>
    /// <param name="limit">Null: there is none, and nothing is told.</param>
    /// <param name="wanted">By those that wait.</param>
    /// <param name="givesBack">Whether what is left is given back.</param>
    public RateAsk Ask(long? limit, NodePart part, long wanted, bool givesBack)
    {
        if (limit is not { } max)
        {
            _left = 0;
            return default;
        }
        if (part.State == PartState.Even && _left < 0) _left = Math.Max(_left, -_own.Used(part.Of(max))); // the rest came back meanwhile
        var used = _left < 0 || givesBack ? -_left : 0;
        _left += used;
        return new RateAsk(max, used, _left < wanted ? Math.Min(max, Math.Max(wanted, part.GrantOf(max))) : 0);
    }

    public void Grant(long granted, double usedByAll)
    {
        _left += granted;
        _all.Set(usedByAll);
    }

    /// <summary>Nobody knows whether it was told: it is told again.</summary>
    public void NotTold(RateAsk ask) => _left -= Math.Max(0, ask.Used);

    /// <summary>What may still be used within the minute, and how long until that is all again.</summary>
    public (long Remaining, TimeSpan Reset) Left(long limit, NodePart part)
    {
        var left = part.State switch
        {
            PartState.Whole => limit - _own.Used(limit),
            PartState.Even => part.Of(limit) - _own.Used(part.Of(limit)),
            _ => limit - _all.Used(limit) + _left,
        };
        left = Math.Clamp(left, 0, limit);
        return ((long)(left + 1e-6), TimeSpan.FromMinutes(1 - left / limit));
    }
}
