namespace Samovar.Engine.Decoding;

/// <summary>Bounds of every turn: steps that may wait for its reader, tokens that exist, and tokens of a draft.</summary>
internal sealed record TurnLimits(int StepsMax, int Vocabulary, int DraftTokensMax = 0)
{
    /// <summary>Tokens of a turn's draft; 0 where nobody waits for it, or it says too little.</summary>
    public int DraftTokensOf(EngineTurnSpec spec) => spec is { OutputTokensMax: > 1, IsBackground: false } ? DraftTokensMax : 0;
}
