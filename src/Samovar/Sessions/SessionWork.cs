using Samovar.Protocol.Ids;
using Samovar.Turns;

namespace Samovar.Sessions;

/// <summary>What a session has once it has taken a frame; most connections are silent most of the time.</summary>
internal sealed record SessionWork(
    Dictionary<LaneId, Lane> Lanes, SemaphoreSlim Places, LaneCache Cache, LogRoom Logs, SteerDesk Desk);
