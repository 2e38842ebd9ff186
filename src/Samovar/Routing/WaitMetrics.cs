using System.Diagnostics.Metrics;
using Samovar.Metering;

namespace Samovar.Routing;

/// <summary>What waiting for a place counts.</summary>
internal sealed class WaitMetrics
{
    private readonly UpDownCounter<int> _waiting;
    private readonly Histogram<double> _waited;

    public WaitMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(UpstreamMetrics.MeterName);
        _waiting = meter.CreateUpDownCounter<int>("samovar.upstream.waiting", "{turn}",
            "Turns that wait for a place at a destination.", Labels.Are(Labels.Pool));
        _waited = meter.CreateHistogram("samovar.upstream.waited", "s",
            "Waits for a place, by outcome: placed, refused, cancelled, full (there was no room to wait).",
            Labels.Are(Labels.Pool, Labels.Outcome), Buckets.Durations);
    }

    public void Waiting(string pool, int more) => _waiting.Add(more, new KeyValuePair<string, object?>(Labels.Pool, pool));

    public void Waited(string pool, string outcome, TimeSpan time) =>
        _waited.Record(time.TotalSeconds, new(Labels.Pool, pool), new(Labels.Outcome, outcome));
}
