using Samovar.Engine.Llama;
using Samovar.Engine.Tests.Turns;
using Samovar.Testing.Models;
using Samovar.Testing.Models.Kinds;

namespace Samovar.Engine.Tests.Kinds;

/// <summary>Random conversations on models of every kind of memory say what they say cold, whatever was gone back to, copied, parked, given
/// up and put together.</summary>
/// <remarks>With <c>ALL_KINDS=1</c> those of all ten kinds do, not of one of each that cannot be cut anywhere.</remarks>
public sealed class KindTalkTests(ITestOutputHelper output)
{
    private const int Steps = 12;
    private const int Seeds = 3;
    private const float Rounding = 5e-5f; // of several turns' outputs in one batch; one wrong cell moves far more

    private static IReadOnlyDictionary<int, float> NoEnd { get; } = KindModel.EndTokens.ToDictionary(token => token, _ => -1000f);

    public static TheoryData<string> Architectures => [.. KindLab.Some("gemma3", "qwen35", "mamba2")];

    [Theory]
    [MemberData(nameof(Architectures))]
    public async Task RandomConversations_SayTheSameWarmAndCold(string architecture)
    {
        ExactLab.NeedEqualSums("f16");
        await using var cold = Start(architecture, options => (options.Streams, options.ParkedBytesMax) = (1, 0));
        var (turns, counters) = (0, new EngineCounters());
        for (var seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed * 13 + 5);
            var checkpoint = cold.Model.StateBytesPerSequence + 64L * cold.Model.StateBytesPerToken;
            long[] budgets = [1L << 30, 5 * checkpoint + 600L * cold.Model.StateBytesPerToken, 2 * checkpoint];
            await using var warm = Start(
                architecture, options => (options.Streams, options.ParkedBytesMax) = (2 + seed % 2, budgets[seed]));
            var talk = new RandomTalk(warm, random, KindLab.Tokens, NoEnd);
            for (var step = 0; step < Steps; step++)
                foreach (var (prompt, steps) in await talk.StepAsync())
                {
                    await CompareAsync(cold, prompt, steps);
                    turns++;
                }
            EngineAudit.Check(warm);
            var now = warm.Counters;
            output.WriteLine($"{architecture}: cached {now.CachedTokens}, prefilled {now.PrefilledTokens}, parks {now.Parks}, restores "
                + $"{now.Restores}, evictions {now.Evictions}, parked {now.ParkedBytes}");
            counters = counters with
            {
                Restores = counters.Restores + now.Restores, CachedTokens = counters.CachedTokens + now.CachedTokens,
                Evictions = counters.Evictions + now.Evictions,
            };
        }
        Assert.True(turns > 40 && counters is { Restores: > 5, CachedTokens: > 2000, Evictions: > 0 });
    }

    private static async Task CompareAsync(LlamaEngine cold, TokenPath prompt, List<TokenStep> warm)
    {
        if (warm.Count == 0) return;
        var spec = EngineLab.Spec(TokenPath.Empty.Append(prompt.ToArray()), warm.Count, scope: Guid.NewGuid().ToString());
        var (end, steps) = await EngineLab.RunAsync(cold, spec with { Sampling = spec.Sampling with { LogitBias = NoEnd } });
        Assert.Equal(0, end.CachedTokens);
        for (var at = 0; at < steps.Count; at++)
        {
            Assert.Equal(steps[at].Token, warm[at].Token);
            Assert.Equal(steps[at].LogProb!.Value, warm[at].LogProb!.Value, Rounding);
        }
    }

    private static LlamaEngine Start(string architecture, Action<EngineOptions> change) => ExactLab.Start(options =>
    {
        (options.ModelPath, options.ContextTokens) = (KindLab.ModelPath(architecture, type: WeightType.Q8), 1024);
        options.DraftTokensMax = 0;
        change(options);
    });
}
