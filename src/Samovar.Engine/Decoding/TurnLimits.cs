namespace Samovar.Engine.Decoding;

/// <summary>Bounds of every turn: steps that may wait for its reader, tokens that exist, and tokens of a draft.</summary>
internal sealed record TurnLimits(int StepsMax, int Vocabulary, int DraftTokensMax = 0);
