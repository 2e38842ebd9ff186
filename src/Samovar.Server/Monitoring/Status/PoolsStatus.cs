using Samovar.Gateway.Choice;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Metrics;

namespace Samovar.Server.Monitoring.Status;

/// <summary>Reads what the pools and their destinations do at the moment.</summary>
internal sealed class PoolsStatus(PoolTable pools, UpstreamMetrics? attempts = null, WaitQueue? queue = null)
{
    public IReadOnlyList<PoolStatus> Read() => [.. pools.Current.Select(Of)];

    private PoolStatus Of(Pool pool) =>
        new(pool.Name, queue?.CountOf(pool) ?? 0, pool.QueueMax, [.. pool.Destinations.Select(Of)]);

    private DestinationStatus Of(Destination destination)
    {
        var (now, limits) = (destination.State.Figures, destination.Options);
        var tally = attempts?.TallyOf(destination.Name) ?? new TallyFigures();
        return new DestinationStatus
        {
            Name = destination.Name,
            Kind = limits.Kind,
            InFlight = now.InFlight,
            InFlightMax = limits.InFlightMax,
            RequestsInMinute = now.Requests,
            RequestsPerMinute = limits.RequestsPerMinute,
            TokensInMinute = now.Tokens,
            TokensPerMinute = limits.TokensPerMinute,
            Refusal = now.Refusal is { } refusal ? RefusalNames.Of(refusal.Reason) : null,
            RetryAfterSeconds = now.Refusal?.RetryAfter.TotalSeconds,
            Attempts = tally.Attempts,
            Faults = tally.Faults,
            LastFault = tally.LastFault,
            LastFaultAt = tally.LastFaultAt,
            FirstOutputMs = tally.FirstOutputMedian?.TotalMilliseconds,
            InputTokens = tally.InputTokens,
            CachedTokens = tally.CachedTokens,
            OutputTokens = tally.OutputTokens,
            BytesUp = tally.BytesUp,
            BytesBack = tally.BytesBack,
        };
    }
}
