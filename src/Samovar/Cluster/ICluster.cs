using Samovar.Stores;

namespace Samovar.Cluster;

/// <summary>The nodes that share a database. A server that stands alone has none of this.</summary>
public interface ICluster : ICurrentLife
{
    /// <summary>This node, in the life that it lives now.</summary>
    NodeStanding Standing { get; }

    Incarnation? ICurrentLife.Current => Standing is { MayEnd: true } life ? life.Incarnation : null;

    /// <summary>All whose rows are there, this one and the dead that were not yet forgotten included, as they were last read.</summary>
    IReadOnlyList<ClusterNode> Nodes { get; }
}
