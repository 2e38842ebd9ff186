using Samovar.Backends;
using Samovar.Protocol.Ids;
using Samovar.Scheduling.Fairness;

namespace Samovar.Gateway.Destinations;

/// <summary>The limits of destinations that stand in for each other, as one client sees them: its own use alone counts.</summary>
/// <remarks>
/// What an upstream states of its account is shown where the account is the client's alone: it is the only destination, the settings give
/// it no limits, and nobody else has a key here, or each one's own key goes on.
/// </remarks>
internal static class PoolLimits
{
    /// <param name="flow">Whose use counts; null: everybody's.</param>
    /// <param name="tenant">Whose turns they limit.</param>
    public static RateLimits? Of(IReadOnlyList<Destination> destinations, FlowId? flow, TenantId tenant)
    {
        if (destinations.Count == 0) return null;
        var (isOfRequests, isOfTokens) = (true, true); // each answer asks: most have no limits, and are to cost nothing
        foreach (var destination in destinations)
        {
            isOfRequests &= destination.Options.RequestsPerMinute > 0;
            isOfTokens &= destination.Options.TokensPerMinute > 0;
        }
        if (!isOfRequests && !isOfTokens) return flow is null && destinations is [var only] ? only.StatedTo(tenant) : null;
        var used = destinations.Select(destination => destination.State.UsedBy(flow)).ToList();
        var requests = destinations.Sum(destination => (long)destination.Options.RequestsPerMinute);
        var tokens = destinations.Sum(destination => (long)destination.Options.TokensPerMinute);
        return new RateLimits(
            isOfRequests ? Less(requests, used.Select(use => use.Requests)) : null,
            isOfTokens ? Less(tokens, used.Select(use => use.Tokens)) : null);
    }

    private static RateLimit Less(long limit, IEnumerable<MinuteSum> used)
    {
        var (amount, untilNone) = (0L, TimeSpan.Zero);
        foreach (var one in used) (amount, untilNone) = (amount + one.Amount, one.UntilNone > untilNone ? one.UntilNone : untilNone);
        return new RateLimit(limit, Math.Max(0, limit - amount), untilNone);
    }
}
