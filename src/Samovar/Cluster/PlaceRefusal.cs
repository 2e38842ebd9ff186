namespace Samovar.Cluster;

/// <summary>Why a turn is refused. Nothing of it has run here.</summary>
internal enum PlaceRefusal
{
    /// <summary>This node was declared dead.</summary>
    Dead,

    /// <summary>This node takes no new turns; one that it was sent for a chain that is busy here may be sent again.</summary>
    Draining,

    /// <summary>The database does not say whose the chain is.</summary>
    StoreAway,

    /// <summary>It was sent here under an epoch that is over, or the chain is somebody else's: whoever sent it looks again.</summary>
    Moved,

    /// <summary>It begins a conversation, and there is no stream for it here either.</summary>
    Full,

    /// <summary>The owner changed each time that it was looked up.</summary>
    Unsettled,
}
