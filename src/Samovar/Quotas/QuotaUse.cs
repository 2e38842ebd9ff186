using Samovar.Stores;

namespace Samovar.Quotas;

/// <summary>What is used of one owner's quotas at this node. Safe for all threads.</summary>
internal sealed class QuotaUse(QuotaOwner owner, IQuotaShares? shares, QuotaOptions options, TimeProvider time)
{
    private static readonly TimeSpan ForgetAfter = TimeSpan.FromMinutes(2);
    private readonly Lock _gate = new();
    private readonly QuotaRate _requests = new(time), _tokens = new(time);
    private readonly QuotaPlaces _turns = new(time);
    private Quota? _quota;
    private int _waiting;
    private bool _isAway;
    private long _usedAt = time.GetTimestamp(), _askAgainAt = time.GetTimestamp();
    private Task _asking = Task.CompletedTask;

    public QuotaOwner Owner => owner;

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
    /// <param name="quota">What may be used, as it is now.</param>
    /// <param name="unread">Turns whose places another may have.</param>
    public QuotaRefusal? TryEnter(Quota quota, int unread = 0)
    {
        lock (_gate)
        {
            (_quota, _turns.Unread) = (quota, unread);
            var part = Part;
            if (Refusal(quota, part) is { } refusal) return refusal;
            if (quota.RequestsPerMinute is { } limit) _requests.Use(1, limit, part);
            _turns.Take(quota.TurnsAtOnce, part);
            return null;
        }
    }

    /// <summary>What is used up on all nodes, as far as this one knows without a question.</summary>
    public QuotaRefusal? RefusalOf(Quota quota)
    {
        lock (_gate)
            return Worst(quota, Part) is { } worst && (worst.Quota == QuotaNames.Turns
                ? _turns.IsFull(quota.TurnsAtOnce!.Value, Part) : worst.Wait > QuotaRate.NotKnown) ? worst : null;
    }

    /// <summary>A turn is over, or holds its place no longer.</summary>
    public void Leave(TimeSpan turnTime, int unread = 0)
    {
        lock (_gate)
        {
            _turns.GiveBack(turnTime);
            _turns.Unread = unread;
        }
    }

    /// <summary>A turn that has its place makes a second request, whatever is left.</summary>
    public void UseRequest()
    {
        lock (_gate) if (_quota?.RequestsPerMinute is { } limit) _requests.Use(1, limit, Part);
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
    public void Ask(Func<QuotaUse, Task> ask)
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
                return shares is not null && _quota is { } quota && _asking.IsCompleted && MayAsk
                    && (_isAway || _requests.Owes || _tokens.Owes || IsIdle && (_requests.HasLeft || _tokens.HasLeft)
                        || _turns.HasToTell(quota.TurnsAtOnce, Part, IsIdle));
        }
    }

    /// <summary>Whether the answer has shown that another node waits for what lies here.</summary>
    public bool HasToGiveBack
    {
        get { lock (_gate) return _turns.HasToGiveBack(_quota?.TurnsAtOnce, Part); }
    }

    /// <summary>What is told and asked now; it is this node's no longer.</summary>
    public QuotaAsk TakeAsk()
    {
        lock (_gate)
        {
            var (quota, part, isIdle) = (_quota!, Part, IsIdle);
            var givesBack = _waiting == 0 && isIdle;
            return new QuotaAsk(owner, _requests.Ask(quota.RequestsPerMinute, part, _waiting, givesBack),
                _tokens.Ask(quota.TokensPerMinute, part, Math.Min(1, _waiting), givesBack),
                _turns.Ask(quota.TurnsAtOnce, part, _waiting, isIdle));
        }
    }

    public void Take(QuotaAsk ask, QuotaGrant grant)
    {
        lock (_gate)
        {
            _requests.Grant(grant.Requests, grant.RequestsUsed);
            _tokens.Grant(grant.Tokens, grant.TokensUsed);
            _turns.Grant(ask.Turns, grant);
            _isAway = false;
            var isShort = grant.IsPressed || grant.Requests < ask.Requests.Wanted || grant.Tokens < ask.Tokens.Wanted
                || grant.Turns < Math.Max(ask.Turns.Wanted, ask.Turns.Presses);
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

    /// <summary>How many turns at once this node may come to have, as far as it knows.</summary>
    public int Reach(int turns)
    {
        lock (_gate) return _turns.Reach(turns, Part);
    }

    public (RateLeft? Requests, RateLeft? Tokens) Left(Quota quota)
    {
        lock (_gate) return (LeftOf(_requests, quota.RequestsPerMinute, Part), LeftOf(_tokens, quota.TokensPerMinute, Part));
    }

    /// <summary>Whether it can be forgotten: nothing is held or owed, and all has come back.</summary>
    public bool IsOver
    {
        get
        {
            lock (_gate)
                return _turns.IsEmpty && _asking.IsCompleted && time.GetElapsedTime(_usedAt) >= ForgetAfter
                    && _requests.IsForgotten(Part.Of(_quota?.RequestsPerMinute ?? 1))
                    && _tokens.IsForgotten(Part.Of(_quota?.TokensPerMinute ?? 1));
        }
    }

    private static RateLeft? LeftOf(QuotaRate rate, long? limit, NodePart part) =>
        limit is { } max && rate.Left(max, part) is var (remaining, reset) ? new RateLeft(max, remaining, reset) : null;

    private QuotaRefusal? Refusal(Quota quota, NodePart part) =>
        Worst(quota, part) is not { } worst ? null : part.State == PartState.Granted ? Shared(worst) : worst;

    /// <summary>The one that takes longest.</summary>
    private QuotaRefusal? Worst(Quota quota, NodePart part)
    {
        var worst = Rate(QuotaNames.Requests, "requests per minute", quota.RequestsPerMinute, _requests, part);
        if (Rate(QuotaNames.Tokens, "tokens per minute", quota.TokensPerMinute, _tokens, part) is { } tokens
            && tokens.Wait > (worst?.Wait ?? TimeSpan.Zero)) worst = tokens;
        if (quota.TurnsAtOnce is not { } max || _turns.WaitFor(max, part) is not { Ticks: > 0 } wait || wait <= worst?.Wait)
            return worst;
        return new QuotaRefusal(QuotaNames.Turns, FormattableString.Invariant($"{max} turns at once"), wait, MayAsk: false);
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

    private TimeSpan Until(long at) =>
        at - time.GetTimestamp() is > 0 and var ticks ? TimeSpan.FromSeconds((double)ticks / time.TimestampFrequency) : TimeSpan.Zero;

    private long Ticks(TimeSpan of) => (long)(of.TotalSeconds * time.TimestampFrequency);
}

/// <summary>What is left of a rate.</summary>
/// <param name="Reset">How long until all of it is there again.</param>
internal readonly record struct RateLeft(long Limit, long Remaining, TimeSpan Reset);
