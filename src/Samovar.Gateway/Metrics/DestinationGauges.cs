using System.Diagnostics.Metrics;
using Samovar.Gateway.Destinations;
using Samovar.Metering;

namespace Samovar.Gateway.Metrics;

/// <summary>How every destination is at the moment, whenever somebody asks.</summary>
internal static class DestinationGauges
{
    public static void Watch(Meter meter, PoolTable pools)
    {
        string[] place = [Labels.Pool, Labels.Destination];
        meter.CreateObservableGauge("samovar.upstream.in_flight", () => Each(pools, now => now.InFlight), "{turn}",
            "Turns that run at each destination.", Labels.Are(place));
        meter.CreateObservableGauge("samovar.upstream.fit", () => Each(pools, now => now.Refusal is null ? 1 : 0), "{destination}",
            "1 where a turn may begin now, else 0.", Labels.Are(place));
        meter.CreateObservableGauge("samovar.upstream.retry_after", () => Unfit(pools), "s",
            "Where no turn may begin: how long until one may, by reason.", Labels.Are([.. place, Labels.Reason]));
        meter.CreateObservableGauge("samovar.upstream.load", () => Loads(pools), "1",
            "The part of a configured limit that is used: in_flight, requests_per_minute, tokens_per_minute.",
            Labels.Are([.. place, Labels.Limit]));
    }

    private static IEnumerable<Measurement<double>> Unfit(PoolTable pools) =>
        from pool in pools.Current
        from destination in pool.Destinations
        let refusal = destination.State.Refusal
        where refusal is not null
        select Of(pool, destination, refusal.RetryAfter.TotalSeconds, Labels.Reason, RefusalNames.Of(refusal.Reason));

    private static IEnumerable<Measurement<double>> Loads(PoolTable pools) =>
        from pool in pools.Current
        from destination in pool.Destinations
        let now = destination.State.Figures
        from load in new (string Limit, double Used, int Max)[]
        {
            ("in_flight", now.InFlight, destination.Options.InFlightMax),
            ("requests_per_minute", now.Requests, destination.Options.RequestsPerMinute),
            ("tokens_per_minute", now.Tokens, destination.Options.TokensPerMinute),
        }
        where load.Max > 0
        select Of(pool, destination, load.Used / load.Max, Labels.Limit, load.Limit);

    private static IEnumerable<Measurement<int>> Each(PoolTable pools, Func<DestinationFigures, int> read) =>
        from pool in pools.Current
        from destination in pool.Destinations
        select new Measurement<int>(read(destination.State.Figures),
            new(Labels.Pool, pool.Name), new(Labels.Destination, destination.Name));

    private static Measurement<double> Of(Pool pool, Destination destination, double value, string label, string what) =>
        new(value, new(Labels.Pool, pool.Name), new(Labels.Destination, destination.Name), new(label, what));
}
