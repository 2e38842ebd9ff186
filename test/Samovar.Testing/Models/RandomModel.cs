namespace Samovar.Testing.Models;

/// <summary>Dimensions of a generated model.</summary>
public sealed record RandomModelSize(
    string Name, int Embedding, int Layers, int Heads, int KvHeads, int FeedForward, int Vocabulary, int Context)
{
    /// <summary>About 1M parameters: tests that run in a moment.</summary>
    public static readonly RandomModelSize Tiny = new("tiny", 128, 4, 4, 2, 384, 512, 8192);

    /// <summary>About 15M parameters.</summary>
    public static readonly RandomModelSize M15 = new("15m", 384, 8, 6, 2, 1024, 4096, 32_768);

    /// <summary>About 100M parameters with 12 KiB of F16 state per token: the size that benchmarks speak of.</summary>
    public static readonly RandomModelSize M100 = new("100m", 768, 12, 12, 4, 2048, 16_384, 32_768);
}

/// <summary>Writes llama-architecture GGUF files with random weights: the same size, type and seed give the same bytes.</summary>
public static class RandomModel
{
    private const float QueryKeyGain = 1.6f; // sharper attention: a wrong cell shows in the logits
    private const float OutputGain = 4f;
    private const int StripeWeights = 1 << 20;

    /// <summary>The file of this size in a folder, written first if it is not there. Safe beside others that ask for the same.</summary>
    public static string Ensure(
        string folder, RandomModelSize size, WeightType type = WeightType.Q8, int seed = 1, TokenCycles? cycles = null)
    {
        ArgumentNullException.ThrowIfNull(size);
        var name = cycles is null ? "random" : $"cycles-{cycles.Name}";
        var path = Path.Combine(folder, $"{name}-{size.Name}-{type.ToString().ToLowerInvariant()}-{seed}.gguf");
        return ModelFile.Ensure(path, draft => Write(draft, size, type, seed, cycles));
    }

    /// <summary>The tokens with which a model of this size ends what it says.</summary>
    public static IReadOnlyList<int> EndTokens(RandomModelSize size)
    {
        ArgumentNullException.ThrowIfNull(size);
        return RandomVocabulary.EndTokens(size.Vocabulary);
    }

    /// <summary>Writes a model file.</summary>
    /// <param name="cycles">What each token is followed by; null leaves it to chance.</param>
    /// <param name="templates">Chat templates beside the vocabulary's own, by name.</param>
    public static void Write(
        string path, RandomModelSize size, WeightType type = WeightType.Q8, int seed = 1, TokenCycles? cycles = null,
        IReadOnlyDictionary<string, string>? templates = null, string? template = null)
    {
        ArgumentNullException.ThrowIfNull(size);
        using var file = File.Create(path, 1 << 20);
        using var gguf = new GgufWriter(file);
        Describe(gguf, size);
        RandomVocabulary.Describe(gguf, size.Vocabulary, template);
        foreach (var (name, source) in templates ?? new Dictionary<string, string>())
            gguf.Add("tokenizer.chat_template." + name, source);
        Shape(gguf, size, type);
        var random = new Random(seed);
        var follow = cycles is null ? null : new CycleWeights(cycles, size);
        gguf.Write((name, shape, stored, output) => Fill(random, name, shape, stored, output, follow));
    }

    private static void Describe(GgufWriter gguf, RandomModelSize size)
    {
        gguf.Add("general.architecture", "llama");
        gguf.Add("general.name", "random " + size.Name);
        gguf.Add("llama.context_length", (uint)size.Context);
        gguf.Add("llama.embedding_length", (uint)size.Embedding);
        gguf.Add("llama.block_count", (uint)size.Layers);
        gguf.Add("llama.feed_forward_length", (uint)size.FeedForward);
        gguf.Add("llama.attention.head_count", (uint)size.Heads);
        gguf.Add("llama.attention.head_count_kv", (uint)size.KvHeads);
        gguf.Add("llama.attention.layer_norm_rms_epsilon", 1e-5f);
        gguf.Add("llama.rope.dimension_count", (uint)(size.Embedding / size.Heads));
        gguf.Add("llama.rope.freq_base", 10_000f);
        gguf.Add("llama.vocab_size", (uint)size.Vocabulary);
    }

    private static void Shape(GgufWriter gguf, RandomModelSize size, WeightType type)
    {
        long width = size.Embedding, kv = width / size.Heads * size.KvHeads, inner = size.FeedForward;
        gguf.Describe("token_embd.weight", type, width, size.Vocabulary);
        for (var layer = 0; layer < size.Layers; layer++)
        {
            var prefix = $"blk.{layer}.";
            gguf.Describe(prefix + "attn_norm.weight", WeightType.F32, width);
            gguf.Describe(prefix + "attn_q.weight", type, width, width);
            gguf.Describe(prefix + "attn_k.weight", type, width, kv);
            gguf.Describe(prefix + "attn_v.weight", type, width, kv);
            gguf.Describe(prefix + "attn_output.weight", type, width, width);
            gguf.Describe(prefix + "ffn_norm.weight", WeightType.F32, width);
            gguf.Describe(prefix + "ffn_gate.weight", type, width, inner);
            gguf.Describe(prefix + "ffn_up.weight", type, width, inner);
            gguf.Describe(prefix + "ffn_down.weight", type, inner, width);
        }
        gguf.Describe("output_norm.weight", WeightType.F32, width);
        gguf.Describe("output.weight", type, width, size.Vocabulary);
    }

    private static void Fill(Random random, string name, long[] shape, WeightType type, Stream output, CycleWeights? follow)
    {
        var count = shape.Aggregate(1L, (all, one) => all * one);
        var isNorm = shape.Length == 1;
        var gain = name.EndsWith("attn_q.weight", StringComparison.Ordinal) || name.EndsWith("attn_k.weight", StringComparison.Ordinal)
            ? QueryKeyGain : name.StartsWith("output.", StringComparison.Ordinal) ? OutputGain : 1f;
        var spread = name.StartsWith("token_embd", StringComparison.Ordinal) ? 1f : gain / MathF.Sqrt(shape[0]);
        var stripe = new float[Math.Min(count, StripeWeights / shape[0] * shape[0])];
        for (var done = 0L; done < count; done += stripe.Length)
        {
            var part = stripe.AsSpan(0, (int)Math.Min(stripe.Length, count - done));
            foreach (ref var weight in part) weight = isNorm ? 1f : Gaussian(random) * spread;
            follow?.Bend(name, (int)(done / shape[0]), part);
            WeightBytes.Write(output, part, type);
        }
    }

    // Four uniforms summed are bell-shaped enough, and far cheaper than a logarithm per weight.
    internal static float Gaussian(Random random)
    {
        var bits = (ulong)random.NextInt64();
        var sum = (bits & 0x7FFF) + ((bits >> 15) & 0x7FFF) + ((bits >> 30) & 0x7FFF) + ((bits >> 45) & 0x7FFF);
        return (sum / 32767f - 2f) * 1.732f;
    }
}
