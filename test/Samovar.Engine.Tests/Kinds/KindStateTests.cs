using Samovar.Engine.Native;

namespace Samovar.Engine.Tests.Kinds;

/// <summary>What a model's head says of its memory is what libllama saves of it, for every kind.</summary>
public sealed class KindStateTests
{
    private const int Streams = 2, BatchTokens = 512, Short = 20, Long = 120, Deep = 700, Deeper = 1000;
    private const int HeaderMax = 400; // whatever stands around the rows: counts, types and sizes of each layer

    [Theory]
    [InlineData("llama", MemoryKind.Plain, 12)]
    [InlineData("qwen3vl", MemoryKind.Plain, 24)] // a position has several dimensions
    [InlineData("gemma3", MemoryKind.SlidingWindow, 12)]
    [InlineData("gpt-oss", MemoryKind.SlidingWindow, 12)]
    [InlineData("lfm2", MemoryKind.Hybrid, 12)]
    [InlineData("granitehybrid", MemoryKind.Hybrid, 12)]
    [InlineData("falcon-h1", MemoryKind.Hybrid, 12)]
    [InlineData("qwen35", MemoryKind.Hybrid, 24)]
    [InlineData("qwen3next", MemoryKind.Hybrid, 12)]
    [InlineData("mamba2", MemoryKind.Recurrent, 0)]
    public void Shape_IsWhatTheLibrarySaves(string architecture, MemoryKind kind, int mark)
    {
        var shape = StateShape.Of(GgufMetadata.Read(KindLab.ModelPath(architecture)));
        Assert.Equal(kind, shape.Kind);
        using var model = KindLab.LoadModel(architecture);
        using var context = new LlamaContext(model, new ContextShape(2048, Streams, BatchTokens, 1, "f16"));
        var sizes = new[] { Short, Long, Deep, Deeper }.ToDictionary(length => length, length => SizesAt(context, length));

        // Within the window every layer keeps a token; beyond it, those without one do. Each cache marks its cells.
        var caches = kind switch { MemoryKind.SlidingWindow => 2, MemoryKind.Recurrent => 0, _ => 1 };
        Assert.Equal(shape.BytesPerToken + caches * mark, Slope(sizes[Short].Full, sizes[Long].Full, Long - Short));
        Assert.Equal(shape.BytesPerToken - shape.WindowBytesPerToken + (kind == MemoryKind.Recurrent ? 0 : mark),
            Slope(sizes[Deep].Full, sizes[Deeper].Full, Deeper - Deep));
        foreach (var (length, size) in sizes)
            Assert.InRange(size.Partial, Partial(shape, length, mark) + 1, Partial(shape, length, mark) + HeaderMax);
        if (kind is MemoryKind.Recurrent or MemoryKind.Plain) Assert.All(sizes.Values, size => Assert.Equal(size.Full, size.Partial));
    }

    private static long Partial(StateShape shape, int length, int mark) => shape.Kind switch
    {
        MemoryKind.Plain => length * (shape.BytesPerToken + mark),
        MemoryKind.SlidingWindow => Math.Min(length, shape.WindowTokens) * (shape.WindowBytesPerToken + mark),
        _ => shape.BytesPerSequence,
    };

    private static long Slope(long least, long most, int tokens)
    {
        Assert.Equal(0, (most - least) % tokens);
        return (most - least) / tokens;
    }

    private static (long Full, long Partial) SizesAt(LlamaContext context, int length)
    {
        var tokens = KindLab.Tokens(new Random(5), length);
        while (context.Length(0) < length)
        {
            context.ClearBatch();
            for (var at = context.Length(0); at < length && context.BatchCount < BatchTokens; at++)
                context.Add(tokens[at], at, 0, output: false);
            Assert.Equal(DecodeResult.Done, context.Decode());
        }
        return (context.StateSize(0), context.StateSize(0, StatePart.AtEnd));
    }
}
