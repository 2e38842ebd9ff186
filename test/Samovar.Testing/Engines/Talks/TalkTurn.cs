using Samovar.Engine;

namespace Samovar.Testing.Engines.Talks;

/// <summary>How much is said, in tokens.</summary>
public sealed record TalkSizes(int Start, int Question, int Answer)
{
    /// <summary>Every window is left where it has an eighth of its usual tokens, and the scenarios take little time.</summary>
    public static readonly TalkSizes Small = new(160, 24, 8) { LongQuestion = 700, LongEdit = 300 };

    /// <summary>Every window is left, whatever it has.</summary>
    public static readonly TalkSizes Tables = new(320, 48, 16);

    /// <summary>As agents' short turns are.</summary>
    public static readonly TalkSizes Field = new(1183, 170, 40);

    /// <summary>A question that fills the prompt, and how much of its end is edited later.</summary>
    public int LongQuestion { get; init; } = 2600;

    public int LongEdit { get; init; } = 1200;
}

/// <summary>A place that a conversation may be gone on from.</summary>
/// <param name="Path">All of it.</param>
/// <param name="Pin">What the engine holds of it, where the client names the response; null where it resends what was said.</param>
/// <param name="Known">Tokens of the path that were in a context before, in this order.</param>
/// <param name="StableEnd">Where its instructions end.</param>
public sealed record TalkPoint(TokenPath Path, SequencePin? Pin, int Known, int StableEnd);

/// <summary>A turn that was run.</summary>
/// <param name="Label">What it is in its scenario.</param>
/// <param name="Point">Where it began.</param>
/// <param name="QuestionEnd">Where the newest question ends in it.</param>
/// <param name="Spec">What the engine was asked.</param>
/// <param name="End">What it answered.</param>
/// <param name="Steps">What it said.</param>
public sealed record TalkTurn(
    string Label, TalkPoint Point, int QuestionEnd, EngineTurnSpec Spec, EngineTurnEnd End, IReadOnlyList<TokenStep> Steps)
{
    public TokenPath Prompt => Spec.Prompt;

    /// <summary>Tokens that no turn before had in this place.</summary>
    public int New => Prompt.Length - Point.Known;

    public int Cached => End.CachedTokens;

    public int Prefilled => End.PrefilledTokens;

    public override string ToString() => $"{Label}: {Prompt.Length} tokens, {New} new, {Cached} cached, {Prefilled} prefilled";
}
