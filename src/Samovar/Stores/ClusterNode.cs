namespace Samovar.Stores;

/// <summary>How far the life of a node has come. It never goes back: a node that was declared dead begins another life.</summary>
public enum NodeState
{
    /// <summary>Takes turns and chains.</summary>
    Active,

    /// <summary>Ends the turns that it has, takes no new ones, and hands over the chains that others ask for.</summary>
    Draining,

    /// <summary>Over, by its own word or by its peers'. Whatever it had is anybody's.</summary>
    Dead,
}

/// <summary>One life of a node, as the rows tell it to all.</summary>
/// <param name="Address">Where its peers reach it.</param>
public sealed record ClusterNode(NodeName Name, Incarnation Incarnation, Uri Address, NodeState State)
{
    /// <summary>Of Samovar, as its row tells it; empty where that was not read, or the node is older than this was told.</summary>
    public string Version { get; init; } = "";

    /// <summary>Which process lives it, by its <see cref="ProcessName"/>; empty where that was not read, or the node is older than this was
    /// told.</summary>
    public string Process { get; init; } = "";

    /// <summary>How long it has been in its state when its row was read, by the database's clock; null where that was not read, or nobody
    /// knows.</summary>
    public TimeSpan? InStateFor { get; init; }

    /// <summary>As it was at its newest beat; <see cref="NodeLoad.None"/> where that was not read.</summary>
    public NodeLoad Load { get; init; } = NodeLoad.None;
}
