using Samovar.Protocol.Ids;
using Samovar.Stores;

namespace Samovar.Quotas;

/// <summary>Why a turn may not begin now.</summary>
/// <param name="Quota">Its name.</param>
/// <param name="Limit">What it is, in words.</param>
/// <param name="Wait">When a turn may begin, if nothing else comes.</param>
/// <param name="MayAsk">Whether the others may have left something.</param>
internal sealed record QuotaRefusal(string Quota, string Limit, TimeSpan Wait, bool MayAsk);

/// <summary>What one tenant uses of its quotas at this node. Safe for all threads.</summary>
internal sealed class TenantUse(TenantId tenant, IQuotaShares? shares, QuotaOptions options, TimeProvider time)
{
    private static readonly TimeSpan ForgetAfter = TimeSpan.FromMinutes(2), TurnsWaitMin = TimeSpan.FromSeconds(1),
        TurnsWaitMax = TimeSpan.FromSeconds(30);
    private const double NewestPart = 0.2; // of a turn's time in the mean
    private readonly Lock _gate = new();
    private readonly QuotaRate _requests = new(time), _tokens = new(time);
    private TenantQuota? _quota;
    private int _inUse, _lent, _waiting;
    private bool _isAway;
    private TimeSpan _turnTime;
    private long _usedAt = time.GetTimestamp(), _lentNeededAt = time.GetTimestamp();
    private long _askAgainAt = time.GetTimestamp();
    private Task _asking = Task.CompletedTask;

    public TenantId Tenant => tenant;

    /// <summary>The question that is under way; never faults.</summary>
    public Task Asking { get { lock (_gate) return _asking; } }

    private bool IsIdle => time.GetElapsedTime(_usedAt) >= options.IdleMax;
    private bool MayAsk => time.GetTimestamp() >= _askAgainAt;
    private NodePart Part => shares is null ? new(PartState.Whole, 1) : new(_isAway ? PartState.Even : PartState.Granted, shares.Nodes);

    public void Touch()
    {
        lock (_gate) _usedAt = time.GetTimestamp();
    }

    /// <summary>Takes a turn's place and its request, or says what is used up.</summary>
    public QuotaRefusal? TryEnter(TenantQuota quota)
    {
        lock (_gate)
        {
            _quota = quota;
            var part = Part;
            if (Refusal(quota, part) is { } refusal) return part.State == PartState.Granted ? Shared(refusal) : refusal;
            if (quota.RequestsPerMinute is { } limit) _requests.Use(1, limit, part);
            _inUse++;
            if (quota.TurnsAtOnce is { } turns && _inUse + part.GrantOf(turns) >= _lent) _lentNeededAt = time.GetTimestamp();
            return null;
        }
    }

    /// <summary>A turn is over, or holds its place no longer.</summary>
    public void Leave(TimeSpan turnTime)
    {
        lock (_gate)
        {
            _inUse--;
            _turnTime = _turnTime == TimeSpan.Zero ? turnTime : _turnTime * (1 - NewestPart) + turnTime * NewestPart;
        }
    }

    /// <summary>A turn has used tokens, whatever is left.</summary>
    public void UseTokens(long tokens)
    {
        lock (_gate) if (_quota?.TokensPerMinute is { } limit) _tokens.Use(tokens, limit, Part);
    }

    /// <summary>A turn begins to wait for an answer.</summary>
    public void Wait()
    {
        lock (_gate) _waiting++;
    }

    /// <summary>It waits no longer.</summary>
    public void Waited()
    {
        lock (_gate) _waiting--;
    }

    /// <summary>Begins a question where none is under way.</summary>
    /// <param name="ask">Never faults, and is quick to return.</param>
    public void Ask(Func<TenantUse, Task> ask)
    {
        lock (_gate) if (_asking.IsCompleted) _asking = ask(this);
    }

    /// <summary>Whether nobody answered, and it is time to ask again.</summary>
    public bool IsToTry
    {
        get { lock (_gate) return _isAway && MayAsk && _asking.IsCompleted; }
    }

    /// <summary>Whether there is something to tell though no turn waits for it: what was used, what is not needed.</summary>
    public bool HasToTell
    {
        get
        {
            lock (_gate)
                return shares is not null && _quota is not null && _asking.IsCompleted && MayAsk
                    && (_isAway || _requests.Owes || _tokens.Owes || IsIdle && (_requests.HasLeft || _tokens.HasLeft) || LentMax < _lent);
        }
    }

    /// <summary>Places that this node need not give back.</summary>
    private int LentMax =>
        IsIdle ? _inUse
        : _quota?.TurnsAtOnce is { } limit && time.GetElapsedTime(_lentNeededAt) >= options.IdleMax
            ? Math.Min(_lent, _inUse + (int)Part.GrantOf(limit)) : _lent;

    /// <summary>What is told and asked now; it is this node's no longer.</summary>
    public QuotaAsk TakeAsk()
    {
        lock (_gate)
        {
            var (quota, part, givesBack) = (_quota!, Part, _waiting == 0 && IsIdle);
            if (_waiting == 0) _lent = Math.Max(_inUse, LentMax);
            var turns = quota.TurnsAtOnce is not { } limit ? default : new TurnsAsk(limit, _inUse,
                _waiting > 0 && _inUse >= _lent ? _inUse + Math.Max(_waiting, (int)part.GrantOf(limit)) : _lent);
            return new QuotaAsk(tenant, _requests.Ask(quota.RequestsPerMinute, part, _waiting, givesBack),
                _tokens.Ask(quota.TokensPerMinute, part, Math.Min(1, _waiting), givesBack), turns);
        }
    }

    public void Take(QuotaAsk ask, QuotaGrant grant)
    {
        lock (_gate)
        {
            _requests.Grant(grant.Requests, grant.RequestsUsed);
            _tokens.Grant(grant.Tokens, grant.TokensUsed);
            _lent = grant.Turns;
            _isAway = false;
            var isShort = grant.Requests < ask.Requests.Wanted || grant.Tokens < ask.Tokens.Wanted || grant.Turns < ask.Turns.Wanted;
            _askAgainAt = time.GetTimestamp() + (isShort ? Ticks(options.AskPause) : 0);
        }
    }

    /// <summary>Nobody knows whether it was told: this node goes on with its even share.</summary>
    public void NotTold(QuotaAsk ask)
    {
        lock (_gate)
        {
            _requests.NotTold(ask.Requests);
            _tokens.NotTold(ask.Tokens);
        }
        GoOnAlone();
    }

    /// <summary>No answer came so far.</summary>
    public void GoOnAlone()
    {
        lock (_gate) (_isAway, _askAgainAt) = (true, time.GetTimestamp() + Ticks(options.AwayPause));
    }

    public (RateLeft? Requests, RateLeft? Tokens) Left(TenantQuota quota)
    {
        lock (_gate) return (LeftOf(_requests, quota.RequestsPerMinute, Part), LeftOf(_tokens, quota.TokensPerMinute, Part));
    }

    /// <summary>Whether it can be forgotten: nothing is held or owed, and all has come back.</summary>
    public bool IsOver
    {
        get
        {
            lock (_gate)
                return _inUse == 0 && _lent == 0 && _asking.IsCompleted && time.GetElapsedTime(_usedAt) >= ForgetAfter
                    && _requests.IsForgotten(Part.Of(_quota?.RequestsPerMinute ?? 1))
                    && _tokens.IsForgotten(Part.Of(_quota?.TokensPerMinute ?? 1));
        }
    }

    private static RateLeft? LeftOf(QuotaRate rate, long? limit, NodePart part) =>
        limit is { } max && rate.Left(max, part) is var (remaining, reset) ? new RateLeft(max, remaining, reset) : null;

    /// <summary>The one that takes longest.</summary>
    private QuotaRefusal? Refusal(TenantQuota quota, NodePart part)
    {
        var worst = Rate("requests_per_minute", "requests per minute", quota.RequestsPerMinute, _requests, part);
        if (Rate("tokens_per_minute", "tokens per minute", quota.TokensPerMinute, _tokens, part) is { } tokens
            && tokens.Wait > (worst?.Wait ?? TimeSpan.Zero)) worst = tokens;
        return Turns(quota.TurnsAtOnce, part) is { } turns && turns.Wait > (worst?.Wait ?? TimeSpan.Zero) ? turns : worst;
    }

    /// <summary>Others may have left something, and this node learns it when it may ask again.</summary>
    private QuotaRefusal Shared(QuotaRefusal refusal) => refusal with
    {
        MayAsk = MayAsk || !_asking.IsCompleted,
        Wait = Until(_askAgainAt) is var pause && pause > refusal.Wait ? pause : refusal.Wait,
    };

    private static QuotaRefusal? Rate(string name, string words, long? limit, QuotaRate rate, NodePart part) =>
        limit is { } max && rate.WaitFor(max, part) is { Ticks: > 0 } wait
            ? new QuotaRefusal(name, FormattableString.Invariant($"{max} {words}"), wait, MayAsk: false) : null;

    private QuotaRefusal? Turns(int? limit, NodePart part)
    {
        if (limit is not { } max) return null;
        var here = part.State switch
        {
            PartState.Whole => max,
            PartState.Granted => _lent,
            _ => Math.Max(_lent, (int)part.Of(max)),
        };
        if (_inUse < here) return null;
        var wait = TimeSpan.FromTicks(Math.Clamp((_turnTime / max).Ticks, TurnsWaitMin.Ticks, TurnsWaitMax.Ticks));
        return new QuotaRefusal("turns_at_once", FormattableString.Invariant($"{max} turns at once"), wait, MayAsk: false);
    }

    private TimeSpan Until(long at) =>
        at - time.GetTimestamp() is > 0 and var ticks ? TimeSpan.FromSeconds((double)ticks / time.TimestampFrequency) : TimeSpan.Zero;

    private long Ticks(TimeSpan of) => (long)(of.TotalSeconds * time.TimestampFrequency);
}

/// <summary>What is left of a rate.</summary>
/// <param name="Reset">How long until all of it is there again.</param>
internal readonly record struct RateLeft(long Limit, long Remaining, TimeSpan Reset);
