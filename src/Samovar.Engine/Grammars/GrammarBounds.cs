namespace Samovar.Engine.Grammars;

/// <summary>What one grammar may cost, compiled and while it runs. Steps are counted, never timed.</summary>
/// <param name="CharsMax">Characters of its text.</param>
/// <param name="NodesMax">Nodes of its automaton.</param>
/// <param name="LiveMax">Places in which it may be at once.</param>
/// <param name="DepthMax">How deep its rules may stand inside each other while it runs; deeper is not admitted.</param>
/// <param name="StepsPerByte">Steps for one byte of one token.</param>
/// <param name="StepsPerToken">Steps for one token.</param>
/// <param name="StepsPerRound">Steps in one round of the decode loop, of all turns together.</param>
/// <param name="LearnedBytesMax">Bytes of what is remembered of its run; beyond it the memory starts over.</param>
internal sealed record GrammarBounds(int CharsMax, int NodesMax, int LiveMax, int DepthMax, int StepsPerByte, int StepsPerToken,
    int StepsPerRound, long LearnedBytesMax)
{
    private const int BytesPerRound = 4; // a turn may exceed its part of a round by one byte
    public const int NestingMax = 200;
    public const int CountsMax = 8; // each as deep as a group, for those who walk over what was read
    public const int CountMax = 1 << 24;

    public static GrammarBounds Of(EngineOptions options) => new(
        options.GrammarCharsMax, options.GrammarNodesMax, options.GrammarLiveMax, options.GrammarDepthMax,
        options.GrammarStepsPerRound / BytesPerRound, options.GrammarStepsPerToken, options.GrammarStepsPerRound,
        options.GrammarLearnedBytesMax);
}
