namespace Samovar.Engine;

/// <summary>How a model remembers what it has read.</summary>
public enum MemoryKind
{
    /// <summary>Every layer keeps every token.</summary>
    Plain,

    /// <summary>Some layers keep the newest tokens only.</summary>
    SlidingWindow,

    /// <summary>Some layers keep tokens, others one state that all of them went into.</summary>
    Hybrid,

    /// <summary>All layers keep one state only.</summary>
    Recurrent,
}

/// <summary>What a model's memory takes, from the head of its file.</summary>
/// <param name="Kind">How it remembers.</param>
/// <param name="BytesPerToken">Bytes of each token in the layers that keep tokens, with keys and values in 16 bits.</param>
/// <param name="BytesPerSequence">Bytes of the state that a sequence has whatever its length.</param>
/// <param name="WindowTokens">Tokens that a layer with a window keeps; 0 where none has one.</param>
/// <param name="WindowBytesPerToken">Bytes of each token in those layers alone.</param>
public sealed record StateShape(MemoryKind Kind, long BytesPerToken, long BytesPerSequence, int WindowTokens, long WindowBytesPerToken)
{
    private const int CellBytes = 2; // f16
    private const int StateBytes = 4; // f32
    private const int LayersMax = 4096;

    /// <summary>Bytes of the state of so many tokens.</summary>
    public long BytesOf(int tokens) => (BytesPerToken - WindowBytesPerToken) * tokens
        + WindowBytesPerToken * Math.Min(tokens, WindowTokens) + BytesPerSequence;

    /// <summary>Reads it from a file's head.</summary>
    public static StateShape Of(GgufMetadata file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var layers = (int)Math.Clamp(file.Number("block_count") ?? 0, 0, LayersMax);
        var recurrentLayer = RecurrentElements(file);
        var (all, windowed, attending, recurring) = (0.0, 0.0, 0, 0);
        var window = (int)Math.Min(int.MaxValue, file.Number("attention.sliding_window") ?? 0);
        for (var layer = 0; layer < layers; layer++)
        {
            var attends = Attends(file, layer, recurrentLayer > 0);
            if (attends)
            {
                attending++;
                all += ElementsPerToken(file, layer);
                if (window > 0 && HasWindow(file, layer)) windowed += ElementsPerToken(file, layer);
            }
            if (recurrentLayer > 0 && (!attends || BothInOne(file))) recurring++;
        }
        var kind = recurring > 0 ? attending > 0 ? MemoryKind.Hybrid : MemoryKind.Recurrent
            : window > 0 && windowed > 0 ? MemoryKind.SlidingWindow : MemoryKind.Plain;
        return new StateShape(kind, (long)(all * CellBytes), (long)(recurring * recurrentLayer * StateBytes), windowed > 0 ? window : 0,
            (long)(windowed * CellBytes));
    }

    private static double At(IReadOnlyList<double> values, int layer, double otherwise) =>
        values.Count == 0 ? otherwise : values.Count == 1 ? values[0] : layer < values.Count ? values[layer] : otherwise;

    /// <summary>Elements of the state of one layer that is no attention; 0 where there are no such layers.</summary>
    private static double RecurrentElements(GgufMetadata file)
    {
        var width = file.Number("embedding_length") ?? 0;
        if (file.Number("ssm.state_size") is { } state)
        {
            var inner = file.Number("ssm.inner_size") ?? 0;
            var convolved = Math.Max(0, (file.Number("ssm.conv_kernel") ?? 1) - 1) * (inner
                + 2 * (file.Number("ssm.group_count") ?? 0) * state);
            return convolved + state * inner;
        }
        if (file.Number("wkv.head_size") is { } head) return (file.Number("token_shift_count") ?? 2) * width + width * head;
        return file.Number("shortconv.l_cache") is { } cached ? Math.Max(0, cached - 1) * width : 0;
    }

    /// <summary>Architectures whose every layer has both an attention and a state.</summary>
    private static bool BothInOne(GgufMetadata file) => file.Architecture is "falcon-h1" or "hymba";

    private static bool Attends(GgufMetadata file, int layer, bool hasRecurrent)
    {
        if (file.Number("full_attention_interval") is >= 1 and var interval) return (layer + 1) % (int)interval == 0;
        var heads = At(file.Numbers("attention.head_count_kv"), layer, At(file.Numbers("attention.head_count"), layer, 0));
        return heads > 0 && !(hasRecurrent && file.Architecture is "mamba" or "mamba2" or "rwkv6" or "rwkv7" or "arwkv7");
    }

    private static double ElementsPerToken(GgufMetadata file, int layer)
    {
        if (file.Number("attention.kv_lora_rank") is > 0 and var rank) return rank + (file.Number("rope.dimension_count") ?? 0);
        var heads = Math.Max(1, At(file.Numbers("attention.head_count"), layer, 1));
        var size = (file.Number("embedding_length") ?? 0) / heads;
        var (key, value) = (file.Number("attention.key_length") ?? size, file.Number("attention.value_length") ?? size);
        return At(file.Numbers("attention.head_count_kv"), layer, heads) * (key + value);
    }

    /// <summary>By the pattern that the file gives; where it gives none, one layer of so many keeps everything, as in its family.</summary>
    private static bool HasWindow(GgufMetadata file, int layer)
    {
        var pattern = file.Numbers("attention.sliding_window_pattern");
        if (pattern.Count > 1) return At(pattern, layer, 0) != 0;
        var every = pattern is [> 1 and var given] ? (int)given : file.Architecture switch
        {
            "gemma2" or "gpt-oss" => 2,
            "gemma3" or "gemma3-text" => 6,
            "llama4" or "cohere2" or "exaone4" => 4,
            "gemma3n" => 5,
            _ => 0,
        };
        return every == 0 || (layer + 1) % every != 0;
    }
}
