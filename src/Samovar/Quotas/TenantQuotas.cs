using Microsoft.Extensions.Logging;
using Samovar.Backends;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Stores;

namespace Samovar.Quotas;

/// <summary>Holds tenants to what they may use, on all nodes together. A tenant without a quota costs a look-up.</summary>
/// <remarks>
/// A rate is a bucket that fills evenly, a minute's worth in a minute: one that is full may be used at once. A request is taken from it
/// before the turn begins. What a turn will use of its tokens nobody knows before: it begins while some are left, and its end is taken,
/// into debt if need be.
/// <para>
/// Over several nodes the buckets stand in the database that they share. A node takes a grant from them, small against the quota, and asks
/// nobody while it lasts; what it does not need it gives back. So all nodes together pass what one would by their grants at most. Where the
/// database does not answer, each node goes on with an even share.
/// </para>
/// </remarks>
/// <param name="shares">Null: this node has all of every quota.</param>
internal sealed partial class TenantQuotas(
    IQuotaTable table, QuotaOptions options, QuotaMetrics metrics, TimeProvider time, ILogger<TenantQuotas> logger,
    IQuotaShares? shares = null) : IAsyncDisposable
{
    private const int AsksMax = 8; // of one turn: others may take what it was granted
    private readonly Lock _gate = new();
    private readonly Dictionary<TenantId, TenantUse> _uses = [];
    private readonly CancellationTokenSource _nodeStopping = new(); // never disposed: no timer, no link
    private int _isAway;

    /// <summary>Tenants that are remembered.</summary>
    public int Count { get { lock (_gate) return _uses.Count; } }

    /// <summary>Lets a turn begin, which holds what is returned until its end; null where its tenant has no quota.</summary>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="isOnSocket">Whether its client is on a WebSocket.</param>
    /// <param name="turnEnds">It is wanted no more.</param>
    /// <exception cref="ApiException">A quota is used up.</exception>
    public ValueTask<QuotaHold?> EnterAsync(TenantId tenant, bool isOnSocket, CancellationToken turnEnds) =>
        table.QuotaOf(tenant) is { LimitsTurns: true } quota ? EnterAsync(UseOf(tenant), quota, isOnSocket, turnEnds) : default;

    /// <summary>What is left of a tenant's rates; null where they are not limited.</summary>
    public RateLimits? LimitsOf(TenantId tenant)
    {
        if (table.QuotaOf(tenant) is not { } quota || (quota.RequestsPerMinute ?? quota.TokensPerMinute) is null) return null;
        var (requests, tokens) = UseOf(tenant).Left(quota);
        return new RateLimits(Shown(requests), Shown(tokens));

        static RateLimit? Shown(RateLeft? left) => left is var (limit, remaining, reset) ? new RateLimit(limit, remaining, reset) : null;
    }

    /// <summary>To be called every second or so: tells what was used, gives back what is not needed, forgets who is gone.</summary>
    public void Tend()
    {
        List<TenantUse> uses;
        lock (_gate)
        {
            uses = [.. _uses.Values];
            foreach (var use in uses)
                if (use.IsOver) _uses.Remove(use.Tenant);
        }
        foreach (var use in uses) Tell(use);
    }

    /// <summary>Ends what is being asked.</summary>
    public async ValueTask DisposeAsync()
    {
        _nodeStopping.Cancel();
        await IdleAsync();
    }

    /// <summary>Ends when what is being asked now is answered.</summary>
    public async Task IdleAsync()
    {
        List<TenantUse> uses;
        lock (_gate) uses = [.. _uses.Values];
        foreach (var use in uses) await use.Asking;
    }

    private TenantUse UseOf(TenantId tenant)
    {
        lock (_gate)
        {
            if (!_uses.TryGetValue(tenant, out var use)) _uses[tenant] = use = new TenantUse(tenant, shares, options, time);
            use.Touch(); // it is not forgotten for a while
            return use;
        }
    }

    private async ValueTask<QuotaHold?> EnterAsync(TenantUse use, TenantQuota quota, bool isOnSocket, CancellationToken turnEnds)
    {
        if (use.IsToTry) use.Ask(AskAsync); // nobody waits for it
        for (var asks = 0; ; asks++)
        {
            if (use.TryEnter(quota) is not { } refusal) return new QuotaHold(use, Tell, time);
            if (!refusal.MayAsk || asks == AsksMax) throw Refused(use.Tenant, refusal, isOnSocket);
            await AnswerAsync(use, turnEnds);
        }
    }

    private async Task AnswerAsync(TenantUse use, CancellationToken turnEnds)
    {
        use.Wait();
        try
        {
            use.Ask(AskAsync);
            await use.Asking.WaitAsync(options.AnswerMax, time, turnEnds);
        }
        catch (TimeoutException)
        {
            use.GoOnAlone();
            metrics.Asked("late");
        }
        finally
        {
            use.Waited();
        }
    }

    private void Tell(TenantUse use)
    {
        if (use.HasToTell) use.Ask(AskAsync);
    }

    /// <summary>Never faults: a database that does not answer is a state.</summary>
    private async Task AskAsync(TenantUse use)
    {
        await Task.Yield(); // whoever begins it holds a lock
        var ask = use.TakeAsk();
        try
        {
            use.Take(ask, await shares!.AskAsync(ask, _nodeStopping.Token));
            metrics.Asked("answered");
            if (Interlocked.Exchange(ref _isAway, 0) != 0) Log.Shared(logger);
        }
        catch (Exception exception) // a unit of work
        {
            use.NotTold(ask);
            metrics.Asked("failed");
            if (!_nodeStopping.IsCancellationRequested && Interlocked.Exchange(ref _isAway, 1) == 0)
                Log.NotShared(logger, shares!.Nodes, exception.Message);
        }
    }

    private ApiException Refused(TenantId tenant, QuotaRefusal refusal, bool isOnSocket)
    {
        metrics.Refused(tenant, refusal.Quota);
        return new ApiException(isOnSocket ? Errors.QuotaReachedOnSocket : Errors.QuotaReached,
            [refusal.Limit, DurationText.Wait(refusal.Wait)], retryAfter: refusal.Wait);
    }

    private static partial class Log
    {
        [LoggerMessage(2601, LogLevel.Warning,
            "What tenants may use cannot be shared with the other nodes now; this one goes on with an even share among {Nodes}: {Reason}")]
        public static partial void NotShared(ILogger logger, int nodes, string reason);

        [LoggerMessage(2602, LogLevel.Information, "What tenants may use is shared with the other nodes again")]
        public static partial void Shared(ILogger logger);
    }
}
