using Samovar.Cluster;
using Samovar.Stores;

namespace Samovar.Server.Monitoring.Status;

/// <summary>The nodes that share the database, as this one last saw them, and what went between it and the others.</summary>
internal sealed record ClusterStatus
{
    /// <summary>This node's name, and the life that it lives now.</summary>
    public required string Node { get; init; }
    public required string Incarnation { get; init; }
    public required string State { get; init; }
    public required IReadOnlyList<NodeStatus> Nodes { get; init; }

    /// <summary>Turns since the start that were sent to other nodes, and that came from them.</summary>
    public long RelayedOut { get; init; }
    public long RelayedIn { get; init; }

    /// <summary>Chains that were taken from others since the start, by reason.</summary>
    public required IReadOnlyDictionary<string, long> Takeovers { get; init; }

    public static ClusterStatus Of(NodeName own, ICluster cluster, ClusterFigures figures)
    {
        var life = cluster.Standing;
        return new ClusterStatus
        {
            Node = own.Value,
            Incarnation = life.Incarnation.Value,
            State = NodeWords.Of(life.State),
            Nodes = [.. cluster.Nodes.Select(node => NodeStatus.Of(node, node.Incarnation == life.Incarnation))],
            RelayedOut = figures.RelayedOut,
            RelayedIn = figures.RelayedIn,
            Takeovers = figures.Takeovers,
        };
    }
}

/// <summary>One node, in one of its lives.</summary>
internal sealed record NodeStatus
{
    public required string Name { get; init; }
    public required string Incarnation { get; init; }
    public required string State { get; init; }
    public required string Address { get; init; }

    /// <summary>Whether it is the one that was asked.</summary>
    public bool Self { get; init; }

    /// <summary>Since when it lives, and as which version; null where its row does not say.</summary>
    public DateTimeOffset? Since { get; init; }
    public string? Version { get; init; }

    /// <summary>What it said of itself last: stored chains that are its own, turns that run and wait.</summary>
    public long? Chains { get; init; }
    public int? Running { get; init; }
    public int? Waiting { get; init; }

    public static NodeStatus Of(ClusterNode node, bool isSelf) => new()
    {
        Name = node.Name.Value,
        Incarnation = node.Incarnation.Value,
        State = NodeWords.Of(node.State),
        Address = node.Address.ToString(),
        Self = isSelf,
    };
}
