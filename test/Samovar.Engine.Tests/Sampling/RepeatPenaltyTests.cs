using Samovar.Engine.Grammars;
using Samovar.Engine.Sampling;

namespace Samovar.Engine.Tests.Sampling;

/// <summary>What a repeat penalty is for, and when it is none.</summary>
public sealed class RepeatPenaltyTests
{
    private const int Tokens = 200;

    public RepeatPenaltyTests() => EngineLab.NeedLibrary();

    /// <summary>It divides: beside another penalty, too, 0 and what is next to it are none.</summary>
    [Theory]
    [InlineData(0f, 0f)]
    [InlineData(0f, 1f)]
    [InlineData(1e-38f, 0f)]
    [InlineData(1e-38f, 1f)]
    public void PenaltyOfNothing_IsNone_BesideOthers(float penalty, float temperature)
    {
        var settings = new SamplingSettings { Temperature = temperature, Seed = 3, PresencePenalty = 0.1f };
        var random = new Random(1);
        var rounds = Enumerable.Range(0, 60).Select(_ => Logits(random)).ToArray();
        var known = Chosen(settings with { RepeatPenalty = 1 }, rounds);
        Assert.Equal(known, Chosen(settings with { RepeatPenalty = penalty }, rounds));
        Assert.True(known.Distinct().Count() > 20);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.5f)]
    public void Penalty_IsForTheNewestTokens_AndOthersAreForAll(float presence)
    {
        var settings = new SamplingSettings { Temperature = 0, RepeatPenalty = 4, RepeatTokens = 64, PresencePenalty = presence };
        var logits = new float[Tokens];
        (logits[7], logits[8]) = (10, 9); // 8 is likelier only while 7 is penalised
        using var candidates = new CandidateBuffer(Tokens);
        using var sampler = new SamplerChain(Tokens, settings, null);
        Assert.Equal(7, sampler.Sample(logits, candidates, new StepAllowance(1)));
        sampler.Accept(7);
        for (var behind = 0; behind < 63; behind++)
        {
            sampler.Accept(100);
            Assert.Equal(8, sampler.Sample(logits, candidates, new StepAllowance(1)));
        }
        sampler.Accept(100);
        Assert.Equal(7, sampler.Sample(logits, candidates, new StepAllowance(1)));
        logits[8] = 9.75f;
        Assert.Equal(presence > 0 ? 8 : 7, sampler.Sample(logits, candidates, new StepAllowance(1))); // 9.5 where it is penalised
    }

    [Fact]
    public void Penalty_OfNoTokens_IsNone()
    {
        var random = new Random(2);
        var rounds = Enumerable.Range(0, 40).Select(_ => Logits(random)).ToArray();
        var settings = new SamplingSettings { Temperature = 0 };
        Assert.Equal(Chosen(settings, rounds), Chosen(settings with { RepeatPenalty = 4, RepeatTokens = 0 }, rounds));
    }

    private static float[] Logits(Random random) => [.. Enumerable.Range(0, Tokens).Select(_ => random.NextSingle() * 8 - 2)];

    private static int[] Chosen(SamplingSettings settings, float[][] rounds)
    {
        using var candidates = new CandidateBuffer(Tokens);
        using var sampler = new SamplerChain(Tokens, settings, null);
        var chosen = new int[rounds.Length];
        for (var round = 0; round < rounds.Length; round++)
        {
            chosen[round] = sampler.Sample(rounds[round], candidates, new StepAllowance(1))!.Value;
            sampler.Accept(chosen[round]);
        }
        return chosen;
    }
}
