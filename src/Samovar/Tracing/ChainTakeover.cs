namespace Samovar.Tracing;

/// <summary>A turn's chain was another node's, and came to this one for the turn: what was warm of it is not here.</summary>
/// <param name="Reason">How that came: <c>let_go</c>, <c>dead</c> or <c>unreachable</c>.</param>
/// <param name="From">The node that had it; null where nobody knows any more. For operators alone.</param>
/// <param name="Epoch">Under which this node has it since. For operators alone.</param>
internal sealed record ChainTakeover(string Reason, string? From, long Epoch);
