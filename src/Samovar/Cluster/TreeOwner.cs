using Samovar.Stores;

namespace Samovar.Cluster;

/// <summary>Who may add to the tree of responses that a turn continues, as the rows said when they were read.</summary>
internal abstract record TreeOwner
{
    private TreeOwner() { }

    public static TreeOwner Of(TreeRow tree) => tree.Owner is { } owner ? new Held(owner, tree.Epoch, tree.Node) : new Nobody(tree.Epoch);

    /// <summary>The turn begins a tree, which is then its node's.</summary>
    public sealed record New : TreeOwner;

    /// <summary>It was handed over, and nobody has taken it.</summary>
    public sealed record Nobody(long Epoch) : TreeOwner;

    /// <summary>One life of a node has it.</summary>
    /// <param name="Node">Its row; null where that was forgotten long ago.</param>
    public sealed record Held(Incarnation By, long Epoch, ClusterNode? Node) : TreeOwner;

    /// <summary>The database does not answer.</summary>
    public sealed record Unknown : TreeOwner;
}
