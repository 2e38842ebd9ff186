using Samovar.Engine.Llama;
using Samovar.Engine.Native;
using Samovar.Testing.Models;

namespace Samovar.Engine.Tests.Native;

/// <summary>What a model's cells will take is known before it is loaded.</summary>
public sealed class ModelSizeTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-size-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Cells_FollowTheFilesOwnSizeOfHeads()
    {
        var size = ModelSize.Of(Write("qwen3", gguf =>
        {
            gguf.Add("qwen3.attention.key_length", 128u); // twice what width and heads would make
            gguf.Add("qwen3.attention.value_length", 128u);
        }));
        Assert.Equal((4, 100, 4 * 2 * (128 + 128L)), (size.Layers, size.TrainedContext, size.StateElementsPerToken));
        Assert.Equal(2 * 1000 * size.StateElementsPerToken * 2, new ContextShape(1000, 2, 512, 1, "f16").CellsBytes(size));
        Assert.Equal(2 * 1000 * size.StateElementsPerToken * 34 / 32, new ContextShape(1000, 2, 512, 1, "q8_0").CellsBytes(size));
    }

    [Fact]
    public void Cells_OfAHybridModel_AreItsAttentionsAndItsStates()
    {
        var size = ModelSize.Of(Write("qwen3next", gguf =>
        {
            gguf.Add("qwen3next.full_attention_interval", 4u);
            gguf.Add("qwen3next.ssm.state_size", 16u);
            gguf.Add("qwen3next.ssm.inner_size", 64u);
            gguf.Add("qwen3next.ssm.conv_kernel", 4u);
        }));
        Assert.Equal(MemoryKind.Hybrid, size.Kind);
        Assert.Equal(3 * (3 * 64 + 64 * 16) * 4, size.StateBytesPerSequence);
        Assert.Equal(3 * (10 * 2 * 64 * 2 + size.StateBytesPerSequence), new ContextShape(10, 3, 512, 1, "f16").CellsBytes(size));
    }

    [Fact]
    public async Task Memory_IsTheSameBeforeAndAfterTheLoad_AndAsLibllamaHasIt()
    {
        var options = new EngineOptions();
        await using var engine = EngineLab.Start(one => options = one);
        var size = ModelSize.Of(options.ModelPath!);
        Assert.Equal(engine.Layout!.BytesPerToken, size.StateBytesPerToken(options.KvType)); // as a parked sequence showed
        var expected = EngineMemory.Expected(options);
        Assert.Equal(EngineMemory.Held(options, engine.Model), expected);
        Assert.Equal(2L * 1024 * engine.Layout.BytesPerToken, expected.CellsBytes);
        Assert.Equal(new FileInfo(options.ModelPath!).Length, expected.WeightsBytes);
    }

    private string Write(string architecture, Action<GgufWriter> describe)
    {
        var path = Path.Combine(_folder.FullName, architecture + ".gguf");
        using var file = File.Create(path);
        using var gguf = new GgufWriter(file);
        gguf.Add("general.architecture", architecture);
        gguf.Add(architecture + ".block_count", 4u);
        gguf.Add(architecture + ".context_length", 100u);
        gguf.Add(architecture + ".embedding_length", 128u);
        gguf.Add(architecture + ".attention.head_count", 4u);
        gguf.Add(architecture + ".attention.head_count_kv", 2u);
        describe(gguf);
        gguf.Write((_, _, _, _) => { });
        return path;
    }
}
