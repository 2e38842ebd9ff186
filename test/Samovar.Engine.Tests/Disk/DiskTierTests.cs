using Samovar.Engine.Tests.Turns;
using Samovar.Testing;

namespace Samovar.Engine.Tests.Disk;

/// <summary>What host memory has no room for goes to the disk and comes back; what may not be written never does.</summary>
public sealed class DiskTierTests : IDisposable
{
    private const int Sessions = 8, Rounds = 3, StartTokens = 300, RoundTokens = 60;
    private readonly DiskLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData("llama")]
    [InlineData("gemma3")]
    [InlineData("qwen35")]
    [InlineData("mamba2")]
    public async Task MoreSessionsThanMemory_ComeBackFromTheDisk(string architecture)
    {
        var cold = _lab.Start(architecture, options => (options.DiskBytesMax, options.ParkedBytesMax) = (0, 1 << 30));
        await using var all = cold;
        await using var warm = _lab.Start(architecture, options =>
            options.ParkedBytesMax = 2 * (cold.Model.StateBytesPerSequence * 2 + 700L * cold.Model.StateBytesPerToken));
        var paths = Enumerable.Range(0, Sessions).Select(session => DiskLab.Prompt(session, StartTokens)).ToArray();
        var sources = new List<CacheSource>();
        for (var round = 0; round < Rounds; round++)
            for (var session = 0; session < Sessions; session++)
            {
                var (end, steps) = await DiskLab.RunAsync(warm, DiskLab.Spec(paths[session]));
                sources.Add(end.Source);
                var (_, expected) = await DiskLab.RunAsync(cold, DiskLab.Spec(paths[session]));
                ExactLab.AssertSame(expected, steps);
                paths[session] = DiskLab.Again(end.Path, round * 100 + session, RoundTokens);
                await DiskLab.WrittenAsync(warm);
            }
        EngineAudit.Check(warm);
        Assert.Contains(CacheSource.Disk, sources[Sessions..]);
        var now = warm.Counters;
        Assert.InRange(now.PrefilledTokens, 1, (long)(1.2 * Sessions * (StartTokens + (Rounds - 1) * (RoundTokens + 1)) + 64 * Sessions));
        Assert.Equal(0, now.DiskRefused);
    }

    [Fact]
    public async Task StateThatMayNotBeStored_IsNeverWritten()
    {
        await using (var engine = _lab.Start("llama", options => options.ParkedBytesMax = 1 << 20))
        {
            for (var session = 0; session < 8; session++)
                await DiskLab.RunAsync(engine, DiskLab.Spec(DiskLab.Prompt(session, 400), isStored: false));
            Assert.True(engine.Counters.Parks > 0);
        }
        Assert.Empty(_lab.Files);
    }

    [Fact]
    public async Task OfStateThatIsShared_OnlyTheStoringTurnsPathIsWritten()
    {
        var (shared, own) = (DiskLab.Prompt(1, 500), DiskLab.Prompt(2, 300).ToArray());
        await using (var engine = _lab.Start("llama"))
        {
            await DiskLab.RunAsync(engine, DiskLab.Spec(shared.Append(own), isStored: false));
            await DiskLab.RunAsync(engine, DiskLab.Spec(shared.Append(DiskLab.Prompt(3, 100).ToArray())));
        }
        await using var second = _lab.Start("llama");
        var (left, _) = await DiskLab.RunAsync(second, DiskLab.Spec(shared.Append(own), isStored: false));
        Assert.InRange(left.CachedTokens, 500, 501); // a token may be the same by chance
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("qwen35")]
    public async Task StoredStartOfAStream_IsWritten_WhereATurnThatMayNotBeHasGoneOn(string architecture)
    {
        EngineTurnEnd stored;
        await using (var engine = _lab.Start(architecture, options => options.DiskSaveDelay = TimeSpan.FromMinutes(10)))
        {
            var marks = new[] { new PromptMark(400, MarkKind.QuestionEnd) };
            (stored, _) = await DiskLab.RunAsync(engine, DiskLab.Spec(DiskLab.Prompt(1, 401)) with { Marks = marks });
            var next = DiskLab.Again(stored.Path, 2, 50);
            var (more, _) = await DiskLab.RunAsync(engine, DiskLab.Spec(next, stored.Pin, isStored: false));
            Assert.True(more.CachedTokens > 400);
        }
        await using var second = _lab.Start(architecture);
        var (end, _) = await DiskLab.RunAsync(second, DiskLab.Spec(DiskLab.Again(stored.Path, 2, 50), isStored: false));
        Assert.Equal(CacheSource.Disk, end.Source);
        Assert.InRange(end.CachedTokens, 400, stored.Path.Length);
    }

    [Fact]
    public async Task Files_StayWithinTheirBudget()
    {
        var most = 0L;
        await using (var engine = _lab.Start("llama", options => options.DiskBytesMax = 3_000_000))
        {
            for (var session = 0; session < 10; session++)
            {
                var before = engine.Counters.DiskWrites;
                await DiskLab.RunAsync(engine, DiskLab.Spec(DiskLab.Prompt(session, 300)));
                await Soon.UntilAsync(() => engine.Counters.DiskWrites > before);
                most = Math.Max(most, _lab.Bytes);
            }
            Assert.InRange(most, 1, 3_000_000);
        }
        await using var second = _lab.Start("llama", options => options.DiskBytesMax = 1_000_000);
        Assert.InRange(second.Counters.DiskBytes, 1, 1_000_000);
        Assert.Equal(second.Counters.DiskBytes, _lab.Bytes);
    }

    /// <summary>The list of who needs what is on the disk, too.</summary>
    [Fact]
    public async Task Files_StayWithinTheirBudget_HoweverManyResponsesNeedThem()
    {
        const int BytesMax = 1_000_000, Responses = 100;
        var (name, prompt) = (new string('r', 1000), DiskLab.Prompt(1, 300));
        await using var engine = _lab.Start("llama", options => options.DiskBytesMax = BytesMax);
        for (var response = 0; response < Responses; response++)
        {
            var before = engine.Counters.DiskWrites;
            var path = response < 6 ? DiskLab.Prompt(10 + response, 300) : DiskLab.Again(prompt, 100 + response, 4); // first it is filled
            await DiskLab.RunAsync(engine, DiskLab.Spec(path, output: 1) with { StoredAs = $"{name}_{response}" });
            await Soon.UntilAsync(() => engine.Counters.DiskWrites > before);
            Assert.InRange(engine.Counters.DiskBytes, 1, BytesMax);
        }
        Assert.InRange(new FileInfo(Path.Combine(_lab.Folder, "uses")).Length, 10 * name.Length, BytesMax);
    }

    [Fact]
    public async Task Turn_WaitsForADiskThatHangs_ForSoLongOnly()
    {
        var prompt = DiskLab.Prompt(1, 500);
        await using (var first = _lab.Start("llama")) await DiskLab.RunAsync(first, DiskLab.Spec(prompt));
        var second = _lab.Start("llama", options => options.DiskWaitMax = TimeSpan.FromMilliseconds(100));
        var files = _lab.Files;
        foreach (var file in files) await DiskLab.HangAsync(file);
        var (end, _) = await DiskLab.RunAsync(second, DiskLab.Spec(prompt, isStored: false)).WaitAsync(Soon.Token);
        Assert.Equal((0, EngineTurnEndKind.OutputLimit), (end.CachedTokens, end.Kind));
        var open = files.Select(DiskLab.GoOn).ToList();
        await second.DisposeAsync();
        foreach (var file in open) await file.DisposeAsync();
    }
}
