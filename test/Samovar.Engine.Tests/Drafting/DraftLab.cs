using Samovar.Engine.Llama;
using Samovar.Engine.Tests.Turns;
using Samovar.Testing.Models;

namespace Samovar.Engine.Tests.Drafting;

/// <summary>Engines on a small model that says rings of tokens, so that what it says has often been said; its sums are the same in all
/// batches.</summary>
internal static class DraftLab
{
    /// <summary>Printable ASCII, and others.</summary>
    public static readonly TokenCycles Rings = new("lab", [(33, 90), (160, 320)]);

    public static LlamaEngine Start(bool drafts, Action<EngineOptions>? change = null)
    {
        ExactLab.NeedEqualSums("f16");
        return ExactLab.Start(options =>
        {
            options.ModelPath = RandomModel.Ensure(
                Path.Combine(AppContext.BaseDirectory, "models"), RandomModelSize.Tiny, WeightType.Q8, seed: 1, Rings);
            if (!drafts) options.DraftTokensMax = 0;
            change?.Invoke(options);
        });
    }

    /// <summary>So many tokens of a few texts.</summary>
    public static int[] Piece(Random random, int count) => Rings.Take(random.Next(2), 30 * random.Next(3), count);

    /// <summary>Pieces of a few texts, some of which come again, and random tokens between them.</summary>
    public static int[] Tokens(Random random)
    {
        var tokens = new List<int>();
        for (var part = random.Next(1, 4); part > 0; part--)
            tokens.AddRange(random.Next(3) == 0 ? EngineLab.Tokens(random, random.Next(1, 12))
                : Piece(random, random.Next(4, 40)));
        return [.. tokens];
    }

    /// <summary>Ways to choose tokens in which something decides beside the model.</summary>
    public static SamplingSettings Sampling(Random random)
    {
        var settings = new SamplingSettings
        {
            Temperature = random.Next(3) * 12, Seed = (uint)random.Next(1, 1000), LogitBias = EngineLab.NoEnd,
            TopLogprobs = random.Next(3) == 0 ? null : 2,
        };
        return random.Next(8) switch
        {
            0 => settings with { TopK = 3, TopP = 0.9f },
            1 => settings with { RepeatPenalty = 1.3f, PresencePenalty = 3, FrequencyPenalty = 2 },
            2 => settings with { LogitBias = new Dictionary<int, float>(EngineLab.NoEnd) { [40] = -1000, [70] = 1000 } },
            3 => settings with { Grammar = "root ::= [!-Z]*" },
            4 => settings with { Grammar = "root ::= \"ABCDEFGHIJ\" ([K-Z] | \"[\" [a-z]+ \"]\")*" },
            5 => settings with { Grammar = "root ::= \"QRS\" [!-~]*", GrammarTriggers = new(["QRS"]), IsGrammarDemanded = false },
            6 => settings with { Forbidden = new ForbiddenTexts(["DEF", "tuvw", "!\"#"], []) },
            _ => settings,
        };
    }

    /// <summary>All that a reader sees of a turn.</summary>
    public static string Text(EngineTurnEnd end, IEnumerable<TokenStep> steps) => end.Kind + end.GrammarFault + ": " + string.Join(' ',
        steps.Select(step => FormattableString.Invariant($"{step.Token}{(step.IsEnd ? "!" : "")} {step.LogProb:R} {Text(step.Top)}")));

    private static string Text(IReadOnlyList<TokenAlternative>? top) =>
        string.Join(',', top?.Select(one => FormattableString.Invariant($"{one.Token} {one.LogProb:R}")) ?? []);
}
