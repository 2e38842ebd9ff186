namespace Samovar.Engine.States;

/// <summary>How finely state may be moved: tests allow less than model and library do.</summary>
internal enum StateHandling
{
    /// <summary>As finely as they allow.</summary>
    Rows,

    /// <summary>As a whole, but its tail can be cut off.</summary>
    Whole,

    /// <summary>As a whole, and it is only continued.</summary>
    Snapshots,
}
