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

    /// <summary>The same with how many stored chains each node owns.</summary>
    public ClusterStatus With(IReadOnlyDictionary<Incarnation, long> chains) => this with
    {
        Nodes = [.. Nodes.Select(node => node with { Chains = chains.GetValueOrDefault(new Incarnation(node.Incarnation)) })],
    };

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

    /// <summary>For how long it has been in its state; null where nobody knows.</summary>
    public double? StateSeconds { get; init; }

    /// <summary>Whether it is the one that was asked.</summary>
    public bool Self { get; init; }

    /// <summary>As which version it runs; null where its row does not say.</summary>
    public string? Version { get; init; }

    /// <summary>Stored chains that are its own; null where they were not counted.</summary>
    public long? Chains { get; init; }

    /// <summary>What it said of itself last: turns that run and wait here, those of its clients that run elsewhere, bytes of parked states,
    /// connections.</summary>
    public int Running { get; init; }
    public int Waiting { get; init; }
    public int Relayed { get; init; }

    /// <summary>Streams of its engine, and those that turns have; 0 where it has none that it tells of.</summary>
    public int Streams { get; init; }
    public int StreamsBusy { get; init; }
    public long ParkedBytes { get; init; }
    public int Connections { get; init; }

    public static NodeStatus Of(ClusterNode node, bool isSelf) => new()
    {
        Name = node.Name.Value,
        Incarnation = node.Incarnation.Value,
        State = NodeWords.Of(node.State),
        Address = node.Address.ToString(),
        StateSeconds = node.InStateFor?.TotalSeconds,
        Self = isSelf,
        Version = node.Version is { Length: > 0 } version ? version : null,
        Running = node.Load.TurnsRunning,
        Waiting = node.Load.TurnsWaiting,
        Relayed = node.Load.TurnsRelayed,
        Streams = node.Load.Streams,
        StreamsBusy = node.Load.StreamsBusy,
        ParkedBytes = node.Load.ParkedBytes,
        Connections = node.Load.Connections,
    };
}
