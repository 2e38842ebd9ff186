using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Samovar.Metering;
using Samovar.Stores;

namespace Samovar.Cluster;

/// <summary>What a node counts of what goes on between nodes.</summary>
internal sealed class ClusterMetrics
{
    public const string MeterName = "Samovar.Cluster";
    private const int WordsMax = 32;
    private readonly BoundedNames _words = new(WordsMax);
    private readonly ConcurrentDictionary<string, long> _relayed = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _received = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _taken = new(StringComparer.Ordinal);
    private readonly Counter<long> _relays, _receptions, _takeovers;
    private readonly Histogram<double> _firstEvent;

    /// <param name="nodes">All whose rows are there.</param>
    public ClusterMetrics(IMeterFactory meters, Func<IReadOnlyList<ClusterNode>> nodes)
    {
        var meter = meters.Create(MeterName);
        meter.CreateObservableGauge("samovar.cluster.nodes", () => States(nodes()), "{node}",
            "Nodes whose rows are there, by state: active, draining, dead.", Labels.Are(Labels.State));
        _relays = meter.CreateCounter<long>("samovar.cluster.relays", "{turn}",
            "Turns of clients here that were sent to other nodes, by what came of it.", Labels.Are(Labels.Outcome));
        _receptions = meter.CreateCounter<long>("samovar.cluster.received", "{turn}",
            "Turns that other nodes sent here, by what came of it.", Labels.Are(Labels.Outcome));
        _takeovers = meter.CreateCounter<long>("samovar.cluster.takeovers", "{chain}",
            "Chains of other nodes that this one took, by reason.", Labels.Are(Labels.Reason));
        _firstEvent = meter.CreateHistogram("samovar.cluster.relay.first_event", "s",
            "From a turn's sending to another node to the first of its events.", Labels.Are(), Buckets.FirstToken);
    }

    /// <summary>What was counted since the start.</summary>
    public ClusterFigures Figures => new(Sum(_relayed), Sum(_received), Copy(_taken));

    /// <summary>A turn that was sent to another node is over, or has come back; never throws.</summary>
    /// <param name="outcome"><c>ended</c>, <c>refused</c>, <c>failed</c>, <c>broken</c> or <c>not_reached</c>.</param>
    /// <param name="firstEvent">Until its first event; null where none came.</param>
    public void Relayed(string outcome, TimeSpan? firstEvent)
    {
        Count(_relayed, _relays, Labels.Outcome, outcome);
        if (firstEvent is not null) GuardedLog.Write(() => _firstEvent.Record(firstEvent.Value.TotalSeconds));
    }

    /// <summary>This node took a chain; never throws.</summary>
    /// <param name="how">A word of <see cref="NodeWords"/>.</param>
    public void Taken(string how) => Count(_taken, _takeovers, Labels.Reason, how);

    /// <summary>A turn came from another node; never throws.</summary>
    public void Received(string outcome) => Count(_received, _receptions, Labels.Outcome, outcome);

    private void Count(ConcurrentDictionary<string, long> figures, Counter<long> counter, string label, string word)
    {
        word = _words.Of(word);
        figures.AddOrUpdate(word, 1, static (_, before) => before + 1);
        GuardedLog.Write(() => counter.Add(1, new KeyValuePair<string, object?>(label, word)));
    }

    private static long Sum(ConcurrentDictionary<string, long> figures) => figures.Sum(static pair => pair.Value);

    private static Dictionary<string, long> Copy(ConcurrentDictionary<string, long> figures) => new(figures, StringComparer.Ordinal);

    private static IEnumerable<Measurement<long>> States(IReadOnlyList<ClusterNode> nodes) =>
        Enum.GetValues<NodeState>().Select(state => new Measurement<long>(
            nodes.Count(node => node.State == state), new KeyValuePair<string, object?>(Labels.State, NodeWords.Of(state))));
}

/// <summary>What was counted since the start.</summary>
/// <param name="RelayedOut">Turns that were sent to other nodes.</param>
/// <param name="RelayedIn">Turns that came from them.</param>
/// <param name="Takeovers">Chains that were taken, by reason.</param>
internal sealed record ClusterFigures(long RelayedOut, long RelayedIn, IReadOnlyDictionary<string, long> Takeovers);
