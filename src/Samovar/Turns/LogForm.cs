namespace Samovar.Turns;

/// <summary>What a turn's log keeps for those who will read it.</summary>
public enum LogForm
{
    /// <summary>Each event as JSON, for clients of the Responses protocol. A small one is kept as it is until a reader writes it.</summary>
    Written,

    /// <summary>The events themselves: each is translated to another protocol, which writes its own JSON.</summary>
    Events,

    /// <summary>The terminal event alone, as JSON: for a client that gets the response whole.</summary>
    EndAlone,
}
