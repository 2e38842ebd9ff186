using Samovar.Engine.Native;

namespace Samovar.Engine.Tests.Turns;

/// <summary>Equal requests have equal answers, to the last bit of their log-probabilities, with several threads too.</summary>
public sealed class RepeatTests
{
    private const int Requests = 24;
    private const int Length = 700; // beyond 512 cells, where attention of a single token is split by threads
    private readonly Random _random = new(31);

    [Theory]
    [InlineData("f16")]
    [InlineData("f32")]
    public async Task EqualRequests_HaveOneArray_ComputedOrCached(string kvType)
    {
        await using var engine = EngineLab.Start(options =>
            (options.Threads, options.DecodeThreads, options.KvType, options.ContextTokens) = (2, 2, kvType, 2048));
        var prompt = EngineLab.Prompt(_random, Length);
        var arrays = new HashSet<string>();
        for (var request = 0; request < Requests; request++)
        {
            var scope = request % 3 == 0 ? $"own {request}" : "shared"; // computed whole, and all but its last token cached
            var (end, steps) = await EngineLab.RunAsync(engine, EngineLab.Spec(prompt, 30, scope: scope));
            Assert.Equal(request % 3 == 0 || request == 1 ? 0 : Length - 1, end.CachedTokens);
            arrays.Add(string.Join(' ', steps.Select(step => $"{step.Token} {string.Join(',', step.Top!.Select(top =>
                BitConverter.SingleToInt32Bits(top.LogProb)))}")));
        }
        Assert.Single(arrays);
    }

    [Fact]
    public void Sums_DoNotDependOnThreads_WhereTheirNumberMayChange()
    {
        using var model = EngineLab.LoadModel();
        using var context = new LlamaContext(model, new ContextShape(1024, 2, 512, 2, "f16"));
        var tokens = EngineLab.Tokens(_random, Length);
        Assert.Equal(Prefill(context, tokens, threads: 1), Prefill(context, tokens, threads: 2));
        Assert.Equal(Together(context, tokens, threads: 1), Together(context, tokens, threads: 2));
    }

    [Fact]
    public void LoneTokens_HaveThreadsByTheModelAlone()
    {
        var shape = new ContextShape(1024, 2, 512, 8, "f16");
        Assert.Equal(1, shape.DecodeThreads(new EngineOptions(), 14_000_000));
        Assert.Equal(3, shape.DecodeThreads(new EngineOptions(), 100_000_000));
        Assert.Equal(8, shape.DecodeThreads(new EngineOptions(), 8_000_000_000));
        Assert.Equal(2, shape.DecodeThreads(new EngineOptions { DecodeThreads = 2 }, 14_000_000));
    }

    private static float[] Prefill(LlamaContext context, int[] tokens, int threads)
    {
        context.Empty(0);
        var last = 0;
        for (var first = 0; first < tokens.Length; first += 512)
        {
            context.ClearBatch();
            for (var at = first; at < Math.Min(first + 512, tokens.Length); at++)
                last = context.Add(tokens[at], at, 0, at == tokens.Length - 1);
            Assert.Equal(DecodeResult.Done, context.Decode(threads));
        }
        return context.Logits(last).ToArray();
    }

    private static float[] Together(LlamaContext context, int[] tokens, int threads)
    {
        context.Empty(1);
        context.ClearBatch();
        for (var at = 0; at < 400; at++) context.Add(tokens[at], at, 1, output: false);
        context.Decode(threads);
        var logits = new List<float>();
        for (var step = 0; step < 4; step++)
        {
            context.ClearBatch();
            context.Truncate(0, tokens.Length - 1 + step);
            context.Add(tokens[^1], tokens.Length - 1 + step, 0, output: true);
            context.Add(tokens[^1], 400 + step, 1, output: true);
            Assert.Equal(DecodeResult.Done, context.Decode(threads));
            logits.AddRange([.. context.Logits(0), .. context.Logits(1)]);
        }
        return [.. logits];
    }
}
