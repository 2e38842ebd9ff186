using Samovar.Engine;
using Samovar.Engine.Llama;
using Samovar.Engine.Tests;
using Samovar.Engine.Tests.Kinds;
using Samovar.Engine.Tests.Turns;
using Samovar.Testing.Models;
using Samovar.Testing.Models.Kinds;

namespace Samovar.Devices.Tests;

/// <summary>Engines whose cells lie in a device's memory, small enough for one that software plays.</summary>
/// <remarks>
/// Vulkan sums a token's attention in another order where a batch has more tokens of one sequence than two. With batches of two and cells
/// of 256 tokens every number that is said warm is that of a cold run, to the bit; but for windows, whose cells lie in another order when
/// they come back: there numbers may differ by so little as no wrong cell would, and a token only where two are as likely.
/// </remarks>
internal static class DeviceLab
{
    public const int BatchTokens = 2, ContextTokens = 256, WindowShare = 16;
    private const float WindowNoise = 0.01f;

    /// <summary>One model of each kind of memory.</summary>
    public static TheoryData<string> Architectures => ["llama", "gemma3", "qwen35", "mamba2"];

    public static IReadOnlyDictionary<int, float> NoEnd { get; } = KindModel.EndTokens.ToDictionary(token => token, _ => -1000f);

    public static string ModelPath(string architecture) =>
        KindLab.ModelPath(architecture, type: WeightType.Q8, windowShare: WindowShare);

    public static LlamaEngine Start(string architecture, Action<EngineOptions>? change = null) => EngineLab.Start(options =>
    {
        options.ModelPath = ModelPath(architecture);
        Small(options);
        change?.Invoke(options);
    });

    public static void Small(EngineOptions options)
    {
        (options.ContextTokens, options.BatchTokens, options.KvType) = (ContextTokens, BatchTokens, "f16");
        (options.Streams, options.DraftTokensMax) = (2, 0);
    }

    /// <summary>A tenth of what the CPU's tests say.</summary>
    public static int[] Tokens(Random random, int count) => KindLab.Tokens(random, 1 + count / 10);

    /// <summary>Whether what was said warm is what is said cold.</summary>
    public static void AssertSame(string architecture, IReadOnlyList<TokenStep> cold, IReadOnlyList<TokenStep> warm)
    {
        if (architecture != "gemma3")
        {
            ExactLab.AssertSame(cold, warm);
            return;
        }
        for (var at = 0; at < cold.Count; at++)
        {
            var margin = cold[at].Top![0].LogProb - cold[at].Top![1].LogProb;
            if (margin < 2 * WindowNoise && cold[at].Token != warm[at].Token) return; // from here on they differ
            Assert.Equal(cold[at].Token, warm[at].Token);
            Assert.InRange(Math.Abs(cold[at].LogProb!.Value - warm[at].LogProb!.Value), 0, WindowNoise);
        }
    }

    public static EngineTurnSpec Greedy(EngineTurnSpec spec) => spec with { Sampling = spec.Sampling with { LogitBias = NoEnd } };
}
