using Samovar.Stores;

namespace Samovar.Cluster;

/// <summary>What a node tells its peers of itself, whichever life it lives.</summary>
/// <param name="Address">Where they reach it.</param>
/// <param name="Version">Of Samovar.</param>
/// <param name="Process">Which lives all its lives here.</param>
internal sealed record NodeSelf(NodeName Name, Uri Address, string Version, string Process)
{
    public ClusterNode Begin(Incarnation incarnation) =>
        new(Name, incarnation, Address, NodeState.Active) { Version = Version, Process = Process };
}
