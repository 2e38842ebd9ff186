using Samovar.Protocol.Frames;
using Samovar.Protocol.Ids;
using Samovar.Turns;

namespace Samovar.Sessions;

/// <summary>A turn that waits in its lane or runs.</summary>
/// <param name="Lane">Where its events go.</param>
/// <param name="IsBare">Whether the client is of the simplest kind and reads <c>output</c> at the top of the terminal event.</param>
/// <param name="Began">Ends when the turn's log exists; faults with <c>ApiException</c> when the turn was refused before
/// <c>response.created</c>.</param>
public sealed record LaneReply(LaneId Lane, bool IsBare, Task<EventLog> Began);
