using Samovar.Client.History;
using Samovar.Client.Requests;
using Samovar.Protocol.Json;

namespace Samovar.Client.Turns;

/// <summary>One turn that is wanted.</summary>
/// <param name="Owner">Whose lane on a socket it is.</param>
/// <param name="Parent">What it continues.</param>
/// <param name="Before">Words of the user that the server has already, behind the parent.</param>
internal sealed record TurnAsk(ResponseRequest Request, object Owner, ChainNode? Parent, IReadOnlyList<RawJson> Before)
{
    /// <summary>The prompt is computed, and nothing is answered.</summary>
    public bool WarmsUp { get; init; }

    /// <summary>No new turn: one that was begun before, read from behind a number.</summary>
    public (string Id, long Last)? Follows { get; init; }
}
