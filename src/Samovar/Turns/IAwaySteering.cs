using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;

namespace Samovar.Turns;

/// <summary>Where goes what a client says to its turn that another node makes.</summary>
internal interface IAwaySteering
{
    /// <summary>Sends it there, behind what was said before. Safe at any time; never throws.</summary>
    /// <param name="answered">Called once: with null where that node has queued it, and has said so among the turn's events; else with why
    /// not. Before the turn is over here, but for what comes behind its last event.</param>
    void Say(SaidAway said, Action<ApiException?> answered);
}

/// <summary>What a client has said to a turn that another node makes.</summary>
/// <param name="Id">Its name; null for outputs of calls, which have none.</param>
/// <param name="Input">As it came.</param>
internal sealed record SaidAway(SteerId? Id, RawJson Input);
