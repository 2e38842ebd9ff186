using Samovar.Stores;

namespace Samovar.Cluster;

/// <summary>How states are called where people and programs read them.</summary>
internal static class NodeWords
{
    public static string Of(NodeState state) => state switch
    {
        NodeState.Active => "active",
        NodeState.Draining => "draining",
        _ => "dead",
    };
}
