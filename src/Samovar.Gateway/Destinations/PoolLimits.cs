using Samovar.Backends;
using Samovar.Scheduling.Fairness;

namespace Samovar.Gateway.Destinations;

/// <summary>The limits of destinations that stand in for each other, as one client sees them: its own use alone counts.</summary>
/// <remarks>
/// What an upstream states of its account is shown where the account is the client's alone: it is the only destination, nobody else has a key,
/// and the settings give it no limits.
/// </remarks>
internal static class PoolLimits
{
    /// <param name="flow">Whose use counts; null: everybody's.</param>
    public static RateLimits? Of(IReadOnlyList<Destination> destinations, FlowId? flow)
    {
        var isOfRequests = destinations.All(destination => destination.Options.RequestsPerMinute > 0);
        var isOfTokens = destinations.All(destination => destination.Options.TokensPerMinute > 0);
        if (destinations.Count == 0) return null;
        if (!isOfRequests && !isOfTokens) return flow is null && destinations is [var only] ? only.State.StatedNow : null;
        var used = destinations.Select(destination => destination.State.UsedBy(flow)).ToList();
        return new RateLimits(
            isOfRequests ? Sum(destinations.Sum(destination => (long)destination.Options.RequestsPerMinute), used, use => use.Requests) : null,
            isOfTokens ? Sum(destinations.Sum(destination => (long)destination.Options.TokensPerMinute), used, use => use.Tokens) : null);
    }

    private static RateLimit Sum(long limit, List<DestinationUse> used, Func<DestinationUse, MinuteSum> part) => new(
        limit, Math.Max(0, limit - used.Sum(use => part(use).Amount)), used.Max(use => part(use).UntilNone));
}
