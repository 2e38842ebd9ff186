using System.Security.Cryptography;
using System.Text;
using Samovar.Engine.Llama;
using Samovar.Testing.Models.Kinds;

namespace Samovar.Engine.Tests.Kinds;

/// <summary>Small models of every kind of memory: libllama loads them, and they talk.</summary>
public sealed class KindModelTests(ITestOutputHelper output)
{
    private const int Turns = 6;

    public static TheoryData<string> Architectures => KindLab.Architectures;

    [Theory]
    [MemberData(nameof(Architectures))]
    public async Task Model_SaysPrintableText_AndEndsItsTurns(string architecture)
    {
        await using var engine = KindLab.Start(architecture);
        Assert.Equal(architecture, engine.Model.Architecture);
        var (text, ended) = await TalkAsync(engine);
        Assert.All(text, letter => Assert.InRange(letter, ' ', '~'));
        Assert.InRange(ended, Turns / 2, Turns);
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public async Task ModelThatThinks_EndsItsThoughts(string architecture)
    {
        await using var engine = KindLab.Start(architecture, thinks: true);
        Assert.Contains("reasoning_content", engine.Model.ChatTemplate, StringComparison.Ordinal);
        var (text, _) = await TalkAsync(engine);
        Assert.Contains("</think>", text, StringComparison.Ordinal);
        Assert.All(text, letter => Assert.InRange(letter, ' ', '~'));
    }

    [Fact]
    public void EqualSeeds_GiveEqualBytes()
    {
        var folder = Directory.CreateTempSubdirectory("samovar-kinds-");
        try
        {
            var kind = ModelKind.Of("qwen35");
            Assert.Equal(Hash(folder, kind, 1), Hash(folder, kind, 1));
            Assert.NotEqual(Hash(folder, kind, 1), Hash(folder, kind, 2));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Hash(DirectoryInfo folder, ModelKind kind, int seed)
    {
        var path = Path.Combine(folder.FullName, "model.gguf");
        KindModel.Write(path, kind, seed: seed);
        return Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)));
    }

    private async Task<(string Text, int Ended)> TalkAsync(LlamaEngine engine)
    {
        var random = new Random(5);
        var (said, ended) = (new StringBuilder(), 0);
        for (var turn = 0; turn < Turns; turn++)
        {
            var (end, steps) = await EngineLab.RunAsync(engine, new EngineTurnSpec
            {
                Namespace = "a", Prompt = TokenPath.Empty.Append(KindLab.Tokens(random, 40)), OutputTokensMax = 120,
                Sampling = new SamplingSettings { Temperature = 0.5f, Seed = 7 },
            });
            if (end.Kind == EngineTurnEndKind.EndOfGeneration) ended++;
            foreach (var step in steps) said.Append(Encoding.UTF8.GetString(step.Piece.Span));
        }
        output.WriteLine($"{ended} of {Turns} turns ended; {said}");
        return (said.ToString(), ended);
    }
}
