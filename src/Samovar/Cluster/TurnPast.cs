namespace Samovar.Cluster;

/// <summary>What may already exist of a turn's response, because it was sent to another node before.</summary>
internal enum TurnPast
{
    /// <summary>Nothing: it was never sent to a node that may have run it.</summary>
    None,

    /// <summary>It may have run, and its response may be stored; its client has heard nothing of the output.</summary>
    MayBeStored,

    /// <summary>Its client has heard a part of the output: only that same output may be told on.</summary>
    WasHeard,
}
