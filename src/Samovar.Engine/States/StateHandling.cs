namespace Samovar.Engine.States;

/// <summary>How finely state can be moved.</summary>
internal enum StateHandling
{
    /// <summary>Taken apart into rows, shared by segments.</summary>
    Rows,

    /// <summary>Moved as a whole, but its tail can be cut off.</summary>
    Whole,

    /// <summary>Moved as a whole and only continued: recurrent and sliding-window models.</summary>
    Snapshots,
}
