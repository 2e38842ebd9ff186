using Samovar.Protocol.Ids;

namespace Samovar.Simulation;

/// <summary>A turn as its client sends it.</summary>
/// <param name="Path">What it continues, the newest first; empty where it begins a chain.</param>
internal sealed record SimTurn(ResponseId Id, IReadOnlyList<ResponseId> Path)
{
    public ResponseId? Parent => Path is [var newest, ..] ? newest : null;
    public ResponseId Root => Path is [.., var first] ? first : Id;
}

/// <summary>How a turn ended.</summary>
/// <param name="Output">All that it said, where it is complete; null where it failed or was refused.</param>
internal readonly record struct TurnEnd(string? Output)
{
    public static readonly TurnEnd Failed;
}
