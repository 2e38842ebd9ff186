using Samovar.Stores;

namespace Samovar.Cluster;

/// <summary>The nodes that share a database. A server that stands alone has none of this.</summary>
public interface ICluster
{
    /// <summary>This node, in the life that it lives now.</summary>
    NodeStanding Standing { get; }

    /// <summary>All whose rows are there, this one and the dead that were not yet forgotten included, as they were last read.</summary>
    IReadOnlyList<ClusterNode> Nodes { get; }
}
