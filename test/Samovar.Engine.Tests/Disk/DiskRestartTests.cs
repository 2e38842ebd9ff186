using Samovar.Engine.Llama;
using Samovar.Engine.Tests.Turns;

namespace Samovar.Engine.Tests.Disk;

/// <summary>State outlives the engine: its chains go on from the disk, and say what they would have said.</summary>
public sealed class DiskRestartTests : IDisposable
{
    private const int PromptTokens = 900, NextTokens = 40;
    private readonly DiskLab _lab = new();

    public void Dispose() => _lab.Dispose();

    public static TheoryData<string> Kinds => ["llama", "qwen3vl", "gemma3", "gpt-oss", "lfm2", "qwen35", "falcon-h1", "mamba2"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Chain_GoesOnFromTheDisk_WhenItsEngineHasEnded(string architecture)
    {
        var ended = await FirstTurnsAsync(architecture, () => { });
        await using var second = _lab.Start(architecture);
        await GoesOnAsync(second, ended);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Chain_GoesOnFromTheDisk_WhenItsEngineWasKilled(string architecture)
    {
        var copy = "";
        var ended = await FirstTurnsAsync(architecture, () => copy = _lab.Copy());
        await using var second = _lab.Start(architecture, folder: copy);
        await GoesOnAsync(second, ended);
    }

    [Fact]
    public async Task OtherChain_TakesTheStartThatItSharesFromTheDisk()
    {
        await FirstTurnsAsync("llama", () => { });
        await using var second = _lab.Start("llama");
        var prompt = DiskLab.Again(TokenPath.Empty.Append(DiskLab.Prompt(1, PromptTokens).ToArray().AsMemory(0, 777)), 55, 60);
        var (end, steps) = await DiskLab.RunAsync(second, DiskLab.Spec(prompt));
        Assert.Equal((777, CacheSource.Disk), (end.CachedTokens, end.Source));
        await ColdAsync("llama", prompt, steps);
        var (foreign, _) = await DiskLab.RunAsync(second, DiskLab.Spec(prompt, scope: "b"));
        Assert.Equal(0, foreign.CachedTokens);
    }

    [Theory]
    [InlineData("another key")]
    [InlineData("another shape")]
    [InlineData("another model")]
    [InlineData("changed")]
    [InlineData("torn")]
    public async Task Files_AreRefusedAndDeleted_WhereTheyAreNotWhatTheyMustBe(string how)
    {
        var ended = await FirstTurnsAsync("llama", () => { });
        var files = _lab.Files;
        Assert.NotEmpty(files);
        foreach (var file in files) Spoil(file, how);
        await using var second = _lab.Start(
            how == "another model" ? "qwen3vl" : "llama", options => options.Streams = how == "another shape" ? 3 : 2,
            how == "another key" ? new byte[32] : null);
        var prompt = DiskLab.Again(ended, 3, NextTokens);
        var (end, steps) = await DiskLab.RunAsync(second, DiskLab.Spec(prompt, isStored: false));
        Assert.Equal(0, end.CachedTokens);
        if (how != "another model") await ColdAsync("llama", prompt, steps);
        Assert.True(second.Counters.DiskRefused > 0);
        if (how == "changed") Assert.Equal(files.Count - second.Counters.DiskRefused, _lab.Files.Count); // it is seen as they are read
        else Assert.Empty(_lab.Files);
        EngineAudit.Check(second);
    }

    [Fact]
    public async Task SecondEngineOfAFolder_HasNoFiles_AndWorks()
    {
        await using var first = _lab.Start("llama");
        await using var second = _lab.Start("llama");
        Assert.Null(first.Counters.DiskFault);
        Assert.NotNull(second.Counters.DiskFault);
        var (end, _) = await DiskLab.RunAsync(second, DiskLab.Spec(DiskLab.Prompt(1, 100)));
        Assert.Equal(EngineTurnEndKind.OutputLimit, end.Kind);
    }

    private static void Spoil(string file, string how)
    {
        var bytes = File.ReadAllBytes(file);
        if (how == "torn") File.WriteAllBytes(file, bytes[..^100]);
        if (how != "changed") return;
        bytes[^1000] ^= 4;
        File.WriteAllBytes(file, bytes);
    }

    /// <summary>Two turns of a chain; then what is between them and the end, when all is on the disk.</summary>
    private async Task<TokenPath> FirstTurnsAsync(string architecture, Action between)
    {
        await using var first = _lab.Start(architecture);
        var (one, _) = await DiskLab.RunAsync(first, DiskLab.Spec(DiskLab.Prompt(1, PromptTokens)));
        var (two, _) = await DiskLab.RunAsync(first, DiskLab.Spec(one.Path.Append(DiskLab.Prompt(2, NextTokens).ToArray()), one.Pin));
        await DiskLab.WrittenAsync(first);
        between();
        EngineAudit.Check(first);
        return two.Path;
    }

    private static async Task GoesOnAsync(LlamaEngine engine, TokenPath ended)
    {
        var prompt = DiskLab.Again(ended, 3, NextTokens);
        var (end, steps) = await DiskLab.RunAsync(engine, DiskLab.Spec(prompt));
        Assert.Equal(CacheSource.Disk, end.Source);
        Assert.InRange(end.CachedTokens, ended.Length - 1, ended.Length); // the last token was sampled, and never computed
        Assert.Equal(prompt.Length, end.CachedTokens + end.PrefilledTokens);
        Assert.Equal(end.CachedTokens, engine.Counters.DiskTokens);
        await ColdAsync(engine.Model.Architecture, prompt, steps);
        EngineAudit.Check(engine);
    }

    private static async Task ColdAsync(string architecture, TokenPath prompt, List<TokenStep> steps)
    {
        using var lab = new DiskLab();
        await using var cold = lab.Start(architecture, options => options.DiskBytesMax = 0);
        var (end, expected) = await DiskLab.RunAsync(cold, DiskLab.Spec(prompt));
        Assert.Equal(0, end.CachedTokens);
        ExactLab.AssertSame(expected, steps);
    }
}
