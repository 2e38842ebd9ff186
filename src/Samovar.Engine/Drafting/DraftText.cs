namespace Samovar.Engine.Drafting;

/// <summary>A draft while it is made.</summary>
/// <param name="Tokens">Room for it; what was found stands in front.</param>
/// <param name="Agreed">For each token what its odds are known by.</param>
/// <param name="Found">Tokens that were found.</param>
internal readonly record struct DraftText(Memory<int> Tokens, Memory<int> Agreed, int Found);
