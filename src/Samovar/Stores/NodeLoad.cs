namespace Samovar.Stores;

/// <summary>What a node has to do: decides where a new chain goes, and is what status pages show of the others.</summary>
public sealed record NodeLoad
{
    /// <summary>Of a node that has not said anything yet.</summary>
    public static readonly NodeLoad None = new();

    /// <summary>Turns that have a place.</summary>
    public int TurnsRunning { get; init; }

    /// <summary>Turns that wait for one.</summary>
    public int TurnsWaiting { get; init; }

    /// <summary>How many turns may run at once; 0 where the node does not say, as one of an older version.</summary>
    public int Places { get; init; }

    /// <summary>Streams of the node's own engine: so many turns compute at once; 0 where it has none, or not one alone, or does not
    /// say.</summary>
    public int Streams { get; init; }

    /// <summary>Those of them that turns have.</summary>
    public int StreamsBusy { get; init; }

    /// <summary>What parked states take up.</summary>
    public long ParkedBytes { get; init; }

    /// <summary>Clients' connections that are open.</summary>
    public int Connections { get; init; }

    /// <summary>Turns of its clients that run at other nodes now.</summary>
    public int TurnsRelayed { get; init; }
}
