namespace Samovar.Quotas;

/// <summary>How this node knows its part of a quota.</summary>
internal enum PartState
{
    /// <summary>It stands alone: all of it.</summary>
    Whole,

    /// <summary>What it was granted.</summary>
    Granted,

    /// <summary>Nobody answers: an even share, by the nodes that were last seen.</summary>
    Even,
}

/// <param name="Nodes">That share it.</param>
internal readonly record struct NodePart(PartState State, int Nodes)
{
    /// <summary>A grant is small against the limit, however many nodes have one: at most a quarter of it lies with all of them.</summary>
    private const int GrantsPerNode = 4, NodesMin = 5;

    /// <summary>This node's even share; never less than one.</summary>
    public double Of(double limit) => Math.Max(1, limit / Nodes);

    /// <summary>How much is asked for at once.</summary>
    public long GrantOf(long limit) => Math.Max(1, limit / (GrantsPerNode * Math.Max(NodesMin, Nodes)));
}
