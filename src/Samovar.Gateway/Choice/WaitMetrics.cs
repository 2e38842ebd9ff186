using System.Diagnostics.Metrics;
using Samovar.Gateway.Metrics;
using Samovar.Metering;

namespace Samovar.Gateway.Choice;

/// <summary>What waiting for a place counts.</summary>
internal sealed class WaitMetrics
{
    private readonly Meter _meter;
    private readonly Histogram<double> _waited;

    public WaitMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(UpstreamMetrics.MeterName);
        _waited = _meter.CreateHistogram("samovar.upstream.waited", "s",
            "Waits for a place, by outcome: placed, refused, cancelled, full (there was no room to wait).",
            Labels.Are(Labels.Pool, Labels.Outcome), Buckets.Durations);
    }

    /// <summary>Reports how many turns wait for each pool, on request.</summary>
    public void Watch(Func<IEnumerable<(string Pool, int Waiting)>> read) => _meter.CreateObservableUpDownCounter(
        "samovar.upstream.waiting",
        () => read().Select(line => new Measurement<int>(line.Waiting, new KeyValuePair<string, object?>(Labels.Pool, line.Pool))),
        "{turn}", "Turns that wait for a place at a destination.", Labels.Are(Labels.Pool));

    public void Waited(string pool, string outcome, TimeSpan time) =>
        _waited.Record(time.TotalSeconds, new(Labels.Pool, pool), new(Labels.Outcome, outcome));
}
