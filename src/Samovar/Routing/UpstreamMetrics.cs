using System.Diagnostics.Metrics;
using Samovar.Backends.Upstream;
using Samovar.Backends.Upstream.Attempts;
using Samovar.Backends.Upstream.Destinations;

namespace Samovar.Routing;

/// <summary>What the way to upstreams counts.</summary>
internal sealed class UpstreamMetrics
{
    public const string MeterName = "Samovar.Upstream";

    private readonly Counter<long> _attempts;
    private readonly Counter<long> _routes;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _eventsDropped;

    public UpstreamMetrics(IMeterFactory meters, Pools pools, UpstreamDrivers drivers)
    {
        var meter = meters.Create(MeterName);
        _attempts = meter.CreateCounter<long>(
            "samovar.upstream.attempts", "{attempt}", "Attempts by destination, whether only the new items were sent, and outcome.");
        _routes = meter.CreateCounter<long>("samovar.upstream.routes", "{turn}", "Turns by how their destination was found.");
        _bytes = meter.CreateCounter<long>("samovar.upstream.bytes", "By", "Bytes by destination and direction: up, down.");
        _eventsDropped = meter.CreateCounter<long>("samovar.upstream.events_dropped", "{event}",
            "Events of upstreams that are not passed on, by destination and reason: no_item, item_not_begun, item_ended.");
        meter.CreateObservableGauge("samovar.upstream.in_flight", () => InFlight(pools), "{turn}", "Turns that run at each destination.");
        meter.CreateObservableGauge("samovar.upstream.fit", () => Fit(pools), "{destination}", "1 where a turn may begin now, else 0.");
        meter.CreateObservableGauge(
            "samovar.upstream.idle_sockets", () => drivers.IdleSockets, "{socket}", "Sockets that wait for their chain's next turn.");
    }

    public void Routed(string affinity) => _routes.Add(1, new KeyValuePair<string, object?>("affinity", affinity));

    /// <param name="outcome">ok, cancelled, or the fault's name.</param>
    public void Ended(UpstreamCall call, string outcome)
    {
        var destination = new KeyValuePair<string, object?>("destination", call.Destination.Name);
        _attempts.Add(1, destination, new("sent", call.IsDelta ? "delta" : "whole"), new("outcome", outcome));
        _bytes.Add(call.BytesUp, destination, new("direction", "up"));
        _bytes.Add(call.BytesDown, destination, new("direction", "down"));
        foreach (var (reason, name) in EventDrops.All)
            if (call.EventsDropped(reason) is > 0 and var count) _eventsDropped.Add(count, destination, new("reason", name));
    }

    private static IEnumerable<Measurement<int>> InFlight(Pools pools) => Each(pools, state => state.InFlight);

    private static IEnumerable<Measurement<int>> Fit(Pools pools) => Each(pools, state => state.Refusal is null ? 1 : 0);

    private static IEnumerable<Measurement<int>> Each(Pools pools, Func<DestinationState, int> read) =>
        from pool in pools.Current
        from destination in pool.Destinations
        select new Measurement<int>(read(destination.State), new("pool", pool.Name), new("destination", destination.Name));
}
