namespace Samovar.Testing.Models.Kinds;

/// <summary>An architecture whose small random model has all that libllama wants of it.</summary>
public sealed record ModelKind
{
    private ModelKind(string architecture, Action<KindTensors> describe, string finalNorm = "output_norm.weight") =>
        (Architecture, Describe, FinalNorm) = (architecture, describe, finalNorm);

    /// <summary>As libllama names it.</summary>
    public string Architecture { get; }

    /// <summary>Adds its keys and its layers.</summary>
    internal Action<KindTensors> Describe { get; }

    /// <summary>What the norm behind the last layer is called.</summary>
    internal string FinalNorm { get; }

    /// <summary>All of them, the plain one first.</summary>
    public static IReadOnlyList<ModelKind> All { get; } =
    [
        new("llama", AttentionKinds.Llama),
        new("qwen3vl", AttentionKinds.Qwen3Vl),
        new("gemma3", AttentionKinds.Gemma3),
        new("gpt-oss", AttentionKinds.GptOss),
        new("lfm2", HybridKinds.Lfm2, "token_embd_norm.weight"),
        new("granitehybrid", HybridKinds.GraniteHybrid),
        new("falcon-h1", HybridKinds.FalconH1),
        new("qwen35", HybridKinds.Qwen35),
        new("qwen3next", HybridKinds.Qwen3Next),
        new("mamba2", HybridKinds.Mamba2),
    ];

    public static ModelKind Of(string architecture) => All.First(kind => kind.Architecture == architecture);

    public override string ToString() => Architecture;
}
