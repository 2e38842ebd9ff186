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
/// </remarks>
internal sealed class TenantQuotas(IQuotaTable table, QuotaUses uses, QuotaMetrics metrics, TimeProvider time)
{
    private const int AsksMax = 8; // of one turn: others may take what it was granted

    /// <summary>Lets a turn begin, which holds what is returned until its end; null where its tenant has no quota.</summary>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="isOnSocket">Whether its client is on a WebSocket.</param>
    /// <param name="turnEnds">It is wanted no more.</param>
    /// <exception cref="ApiException">A quota is used up.</exception>
    public ValueTask<QuotaHold?> EnterAsync(TenantId tenant, bool isOnSocket, CancellationToken turnEnds) =>
        table.QuotaOf(tenant) is { LimitsTurns: true } quota ? EnterAsync(tenant, quota, isOnSocket, turnEnds) : default;

    /// <summary>What is left of a tenant's rates; null where they are not limited.</summary>
    public RateLimits? LimitsOf(TenantId tenant)
    {
        if (table.QuotaOf(tenant) is not { } quota || (quota.RequestsPerMinute ?? quota.TokensPerMinute) is null) return null;
        var (requests, tokens) = uses.UseOf(QuotaOwner.Of(tenant)).Left(quota);
        return new RateLimits(Shown(requests), Shown(tokens));

        static RateLimit? Shown(RateLeft? left) => left is var (limit, remaining, reset) ? new RateLimit(limit, remaining, reset) : null;
    }

    private async ValueTask<QuotaHold?> EnterAsync(TenantId tenant, TenantQuota quota, bool isOnSocket, CancellationToken turnEnds)
    {
        var use = uses.UseOf(QuotaOwner.Of(tenant));
        uses.TryAgain(use);
        for (var asks = 0; ; asks++)
        {
            if (use.TryEnter(quota) is not { } refusal) return new QuotaHold(use, uses.Tell, time);
            if (!refusal.MayAsk || asks == AsksMax) throw Refused(tenant, refusal, isOnSocket);
            await uses.AnswerAsync(use, turnEnds);
        }
    }

    private ApiException Refused(TenantId tenant, QuotaRefusal refusal, bool isOnSocket)
    {
        metrics.Refused(tenant, refusal.Quota);
        return new ApiException(isOnSocket ? Errors.QuotaReachedOnSocket : Errors.QuotaReached,
            [refusal.Limit, DurationText.Wait(refusal.Wait)], retryAfter: refusal.Wait);
    }
}
