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

    /// <summary>Why a chain was taken.</summary>
    public static string Of(TreeTaken how) => how switch
    {
        TreeTaken.LetGo => "let_go",
        TreeTaken.OfTheDead => "dead",
        _ => "unreachable",
    };
}
