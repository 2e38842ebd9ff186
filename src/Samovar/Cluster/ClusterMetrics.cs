using System.Diagnostics.Metrics;
using Samovar.Metering;

namespace Samovar.Cluster;

/// <summary>How turns go between nodes.</summary>
internal sealed class ClusterMetrics
{
    public const string MeterName = "Samovar.Cluster";
    private readonly Counter<long> _relays, _received, _taken;
    private readonly Histogram<double> _firstEvent;

    public ClusterMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _relays = meter.CreateCounter<long>("samovar.cluster.relays", "{relay}", "Turns sent to other nodes, by how that went.");
        _received = meter.CreateCounter<long>("samovar.cluster.received", "{turn}", "Turns that other nodes sent here, by what became of them.");
        _taken = meter.CreateCounter<long>("samovar.cluster.takeovers", "{chain}", "Chains that were taken from other nodes, by the reason.");
        _firstEvent = meter.CreateHistogram<double>("samovar.cluster.relay.first_event", "s", "From sending a turn to its first event.");
    }

    /// <param name="outcome"><c>begun</c>, <c>ended</c>, <c>refused</c>, <c>broken</c> or <c>not_reached</c>.</param>
    /// <param name="firstEvent">How long its first event took; null where there was none, or another came before.</param>
    public void Relayed(string outcome, TimeSpan? firstEvent)
    {
        _relays.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        if (firstEvent is { } time) _firstEvent.Record(time.TotalSeconds);
    }

    /// <param name="what"><c>here</c>, <c>join</c>, <c>refuse</c>.</param>
    public void Received(string what) => _received.Add(1, new KeyValuePair<string, object?>("outcome", what));

    public void Taken(TreeTaken how) => _taken.Add(1, new KeyValuePair<string, object?>("reason", how switch
    {
        TreeTaken.LetGo => "let_go",
        TreeTaken.OfTheDead => "dead",
        _ => "unreachable",
    }));
}
