using System.Diagnostics.Metrics;
using Samovar.Metering;

namespace Samovar.Running;

/// <summary>What is kept of turns that can be read again or resumed.</summary>
internal sealed class ReplayMetrics
{
    public const string MeterName = "Samovar.Replay";
    private readonly Meter _meter;

    public ReplayMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        ChainsDropped = _meter.CreateCounter<long>("samovar.replay.chains.dropped", "{response}",
            "Responses that gave way before anybody resumed their turns, by reason: tenant_bytes, node_bytes.", Labels.Are(Labels.Reason));
    }

    public Counter<long> ChainsDropped { get; }

    public void WatchChains(Func<long> bytes) => _meter.CreateObservableUpDownCounter("samovar.replay.chains", bytes, "By",
        "Memory of the chains that are kept for connections that resume a turn.");

    public void WatchEvents(Func<long> bytes) => _meter.CreateObservableUpDownCounter("samovar.replay.events", bytes, "By",
        "Memory of the events that are kept to be read again.");
}
