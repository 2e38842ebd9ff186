using Samovar.Testing.Models;

namespace Samovar.Engine.Tests;

/// <summary>What a model's memory takes is read from its head, for each kind of model.</summary>
public sealed class StateShapeTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-shape-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void PlainModel_KeepsEveryTokenInEachLayer()
    {
        var shape = Of("llama", gguf => Heads(gguf, "llama", layers: 4, heads: 4, keyHeads: 2));
        Assert.Equal(new StateShape(MemoryKind.Plain, 4 * 2 * (32 + 32) * 2, 0, 0, 0), shape);
    }

    [Fact]
    public void SizesOfHeads_AreTheFilesOwn()
    {
        var shape = Of("qwen3", gguf =>
        {
            Heads(gguf, "qwen3", layers: 2, heads: 8, keyHeads: 1);
            gguf.Add("qwen3.attention.key_length", 128u);
            gguf.Add("qwen3.attention.value_length", 64u);
        });
        Assert.Equal(2 * (128 + 64) * 2, shape.BytesPerToken);
    }

    [Fact]
    public void WindowModel_HasAWindowInMostLayers()
    {
        var shape = Of("gemma3", gguf =>
        {
            Heads(gguf, "gemma3", layers: 6, heads: 4, keyHeads: 2);
            gguf.Add("gemma3.attention.sliding_window", 512u);
        });
        Assert.Equal(new StateShape(MemoryKind.SlidingWindow, 6 * 256, 0, 512, 5 * 256), shape);
    }

    [Fact]
    public void LatentAttention_KeepsOneRowForAllHeads()
    {
        var shape = Of("deepseek2", gguf =>
        {
            Heads(gguf, "deepseek2", layers: 3, heads: 16, keyHeads: 16);
            gguf.Add("deepseek2.attention.kv_lora_rank", 512u);
            gguf.Add("deepseek2.rope.dimension_count", 64u);
        });
        Assert.Equal(3 * (512 + 64) * 2, shape.BytesPerToken);
    }

    [Fact]
    public void HybridModel_AttendsInSomeLayersOnly()
    {
        var shape = Of("qwen3next", gguf =>
        {
            Heads(gguf, "qwen3next", layers: 8, heads: 4, keyHeads: 2);
            gguf.Add("qwen3next.full_attention_interval", 4u);
            State(gguf, "qwen3next");
        });
        Assert.Equal(new StateShape(MemoryKind.Hybrid, 2 * 256, 6 * (3 * (64 + 2 * 16) + 64 * 16) * 4, 0, 0), shape);
    }

    [Fact]
    public void HybridModel_SaysItLayerByLayer()
    {
        var shape = Of("granitehybrid", gguf =>
        {
            Heads(gguf, "granitehybrid", layers: 4, heads: 4, keyHeads: null);
            gguf.Add("granitehybrid.attention.head_count_kv", [0, 2, 0, 2]);
            State(gguf, "granitehybrid");
        });
        Assert.Equal((MemoryKind.Hybrid, 2 * 256L), (shape.Kind, shape.BytesPerToken));
    }

    [Fact]
    public void RecurrentModel_KeepsOneState()
    {
        var shape = Of("mamba2", gguf =>
        {
            Heads(gguf, "mamba2", layers: 2, heads: 0, keyHeads: null);
            State(gguf, "mamba2");
        });
        Assert.Equal(new StateShape(MemoryKind.Recurrent, 0, 2 * (3 * (64 + 2 * 16) + 64 * 16) * 4, 0, 0), shape);
    }

    [Fact]
    public void BrokenHead_IsAFault()
    {
        var path = Path.Combine(_folder.FullName, "broken.gguf");
        File.WriteAllBytes(path, [.. "GGUF"u8, 3, 0, 0, 0, .. new byte[8], 255, 255, 255, 255, 255, 255, 255, 127]);
        Assert.Throws<EngineLoadException>(() => GgufMetadata.Read(path));
    }

    private StateShape Of(string architecture, Action<GgufWriter> describe)
    {
        var path = Path.Combine(_folder.FullName, architecture + ".gguf");
        using (var file = File.Create(path))
        {
            using var gguf = new GgufWriter(file);
            gguf.Add("general.architecture", architecture);
            describe(gguf);
            gguf.Write((_, _, _, _) => { });
        }
        return StateShape.Of(GgufMetadata.Read(path));
    }

    private static void Heads(GgufWriter gguf, string architecture, uint layers, uint heads, uint? keyHeads)
    {
        gguf.Add(architecture + ".block_count", layers);
        gguf.Add(architecture + ".embedding_length", 128u);
        gguf.Add(architecture + ".attention.head_count", heads);
        if (keyHeads is { } count) gguf.Add(architecture + ".attention.head_count_kv", count);
    }

    private static void State(GgufWriter gguf, string architecture)
    {
        gguf.Add(architecture + ".ssm.state_size", 16u);
        gguf.Add(architecture + ".ssm.inner_size", 64u);
        gguf.Add(architecture + ".ssm.group_count", 1u);
        gguf.Add(architecture + ".ssm.conv_kernel", 4u);
    }
}
