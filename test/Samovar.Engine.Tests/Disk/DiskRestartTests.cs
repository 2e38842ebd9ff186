using Samovar.Engine.Llama;
using Samovar.Engine.Tests.Kinds;
using Samovar.Engine.Tests.Turns;

namespace Samovar.Engine.Tests.Disk;

/// <summary>State outlives the engine: its chains go on from the disk, and say what they would have said.</summary>
/// <remarks>With <c>ALL_KINDS=1</c> on all ten kinds of memory.</remarks>
public sealed class DiskRestartTests : IDisposable
{
    private const int SharedTokens = 313;
    private const int PromptTokens = 360, NextTokens = 30; // every window is left
    private readonly DiskLab _lab = new();

    public void Dispose() => _lab.Dispose();

    public static TheoryData<string> Kinds => [.. KindLab.Some("llama", "qwen3vl", "gemma3", "qwen35", "falcon-h1", "mamba2")];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Chain_GoesOnFromTheDisk_WhenItsEngineHasEnded_AndWhenItWasKilled(string architecture)
    {
        var copy = "";
        var ended = await FirstTurnsAsync(architecture, () => copy = _lab.Copy());
        var prompt = DiskLab.Again(ended, 3, NextTokens);
        List<List<TokenStep>> said = [];
        foreach (var folder in new[] { null, copy })
        {
            await using var second = _lab.Start(architecture, folder: folder);
            said.Add(await GoesOnAsync(second, ended, prompt));
        }
        await ColdAsync(architecture, prompt, [.. said]);
    }

    [Fact]
    public async Task OtherChain_TakesTheStartThatItSharesFromTheDisk()
    {
        await FirstTurnsAsync("llama", () => { });
        await using var second = _lab.Start("llama");
        var prompt = DiskLab.Again(TokenPath.Empty.Append(DiskLab.Prompt(1, PromptTokens).ToArray().AsMemory(0, SharedTokens)), 55, 60);
        var (end, steps) = await DiskLab.RunAsync(second, DiskLab.Spec(prompt));
        Assert.Equal((SharedTokens, CacheSource.Disk), (end.CachedTokens, end.Source));
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

    private static async Task<List<TokenStep>> GoesOnAsync(LlamaEngine engine, TokenPath ended, TokenPath prompt)
    {
        var (end, steps) = await DiskLab.RunAsync(engine, DiskLab.Spec(prompt));
        Assert.Equal(CacheSource.Disk, end.Source);
        Assert.InRange(end.CachedTokens, ended.Length - 1, ended.Length); // the last token was sampled, and never computed
        Assert.Equal(prompt.Length, end.CachedTokens + end.PrefilledTokens);
        Assert.Equal(end.CachedTokens, engine.Counters.DiskTokens);
        EngineAudit.Check(engine);
        return steps;
    }

    private static async Task ColdAsync(string architecture, TokenPath prompt, params IReadOnlyList<List<TokenStep>> said)
    {
        using var lab = new DiskLab();
        await using var cold = lab.Start(architecture, options => options.DiskBytesMax = 0);
        var (end, expected) = await DiskLab.RunAsync(cold, DiskLab.Spec(prompt));
        Assert.Equal(0, end.CachedTokens);
        foreach (var steps in said) ExactLab.AssertSame(expected, steps);
    }
}
