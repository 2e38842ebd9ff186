namespace Samovar.Cluster;

/// <summary>How a node came by a tree that another one had.</summary>
internal enum TreeTaken
{
    /// <summary>Its owner had let go of it.</summary>
    LetGo,

    /// <summary>Its owner is dead.</summary>
    OfTheDead,

    /// <summary>Its owner lives by its row, and could not be reached.</summary>
    ByForce,
}
