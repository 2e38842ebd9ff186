namespace Samovar.Turns;

/// <summary>What a turn's log keeps for those who will read it.</summary>
public enum LogForm
{
    /// <summary>Each event as JSON, written once: for clients of the Responses protocol.</summary>
    Written,

    /// <summary>The events themselves: each is translated to another protocol, which writes its own JSON.</summary>
    Events,

    /// <summary>The terminal event alone, as JSON: for a client that gets the response whole.</summary>
    EndAlone,
}
