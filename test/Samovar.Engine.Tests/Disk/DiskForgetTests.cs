using Samovar.Engine.Disk;
using Samovar.Engine.Llama;
using Samovar.Engine.Sequences;
using Samovar.Engine.Tests.Turns;
using Samovar.Testing;

namespace Samovar.Engine.Tests.Disk;

/// <summary>What a deleted response had in files goes, as far as nobody else needs it.</summary>
public sealed class DiskForgetTests : IDisposable
{
    private const int SharedTokens = 500;
    private readonly DiskLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task FilesOfAChain_GoWithItsLastResponse_AndNotBefore()
    {
        await using var engine = _lab.Start("llama");
        var one = await RunAsync(engine, DiskLab.Prompt(1, 400), "resp_1");
        await DiskLab.WrittenAsync(engine);
        var first = _lab.Files;
        await RunAsync(engine, DiskLab.Again(one.Path, 2, 60), "resp_2", "resp_1");
        await DiskLab.WrittenAsync(engine);
        Assert.True(_lab.Files.Count > first.Count);

        engine.Files!.Forget("a", "resp_1"); // is continued
        engine.Files.Forget("b", "resp_2"); // somebody else's
        engine.Files.Forget("a", "resp_3");
        await AgainAsync(engine);
        Assert.All(first, file => Assert.True(File.Exists(file)));
        engine.Files.Forget("a", "resp_2");
        await Soon.UntilAsync(() => !_lab.Files.Any(first.Contains));
        await GoneAsync(engine, "resp_again");
        Assert.Empty(_lab.Files);
        Assert.Equal(_lab.Bytes, engine.Counters.DiskBytes);
    }

    [Fact]
    public async Task LaterResponse_TakesOnlyItsOwn_WhereTheEarlierOneStays()
    {
        EngineTurnEnd one;
        await using (var engine = _lab.Start("llama"))
        {
            one = await RunAsync(engine, DiskLab.Prompt(1, 400), "resp_1");
            await DiskLab.WrittenAsync(engine);
            var first = _lab.Files;
            await RunAsync(engine, DiskLab.Again(one.Path, 2, 60), "resp_2", "resp_1");
            await DiskLab.WrittenAsync(engine);
            await GoneAsync(engine, "resp_2", first.Count);
            Assert.Equal(first.Order(), _lab.Files.Order());
        }
        await using var second = _lab.Start("llama");
        var (end, _) = await DiskLab.RunAsync(second, DiskLab.Spec(DiskLab.Again(one.Path, 3, 20), isStored: false));
        Assert.InRange(end.CachedTokens, one.Path.Length - 1, one.Path.Length);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SharedStart_Stays_AndNothingOfTheDeletedOnes(bool afterRestart)
    {
        var (shared, own) = (DiskLab.Prompt(1, SharedTokens), DiskLab.Prompt(2, 300).ToArray());
        var engine = _lab.Start("llama");
        var one = await RunAsync(engine, shared.Append(own), "resp_1");
        await DiskLab.WrittenAsync(engine);
        await RunAsync(engine, shared.Append(DiskLab.Prompt(3, 100).ToArray()), "resp_2");
        await DiskLab.WrittenAsync(engine);
        var bytes = _lab.Bytes;
        if (afterRestart)
        {
            await engine.DisposeAsync();
            engine = _lab.Start("llama");
        }
        engine.Files!.Forget("a", "resp_1");
        await Soon.UntilAsync(() => _lab.Bytes < bytes * 3 / 4 && engine.Counters.DiskBytes == _lab.Bytes);
        await engine.DisposeAsync();

        await using var second = _lab.Start("llama");
        Assert.Equal(0, second.Counters.DiskRefused);
        var (deleted, _) = await DiskLab.RunAsync(second, DiskLab.Spec(one.Path.Append(new[] { 7 }), isStored: false));
        Assert.InRange(deleted.CachedTokens, SharedTokens, SharedTokens + 1); // a token may be the same by chance
        await using var third = Cold();
        var prompt = shared.Append(DiskLab.Prompt(3, 100).ToArray()).Append(new[] { 5, 6 });
        var (kept, steps) = await DiskLab.RunAsync(second, DiskLab.Spec(prompt, isStored: false));
        Assert.InRange(kept.CachedTokens, SharedTokens + 99, SharedTokens + 101);
        ExactLab.AssertSame((await DiskLab.RunAsync(third, DiskLab.Spec(prompt))).Steps, steps);
        EngineAudit.Check(second);
    }

    [Fact]
    public async Task SharedStart_ThatCouldNotBeKept_IsWrittenAgain()
    {
        var shared = DiskLab.Prompt(1, SharedTokens);
        var engine = _lab.Start("llama");
        var one = await RunAsync(engine, shared.Append(DiskLab.Prompt(2, 300).ToArray()), "resp_1");
        await DiskLab.WrittenAsync(engine);
        var two = await RunAsync(engine, shared.Append(DiskLab.Prompt(3, 100).ToArray()), "resp_2");
        await DiskLab.WrittenAsync(engine);
        var common = one.Path.ToArray().AsSpan().CommonPrefixLength(two.Path.ToArray());
        var end = new PathHashes(new DiskKeyRing([DiskLab.Secret]).Newest, "a", one.Path.ToArray()).At(common);
        var unfinished = Path.Combine(_lab.Folder, PieceHead.NameOf(end, isRows: true) + StateFile.Unfinished);
        Directory.CreateDirectory(unfinished); // in the way of the shared start's own file
        var bytes = _lab.Bytes;
        engine.Files!.Forget("a", "resp_1");
        await Soon.UntilAsync(() => engine.Counters.DiskFailures > 0 && engine.Counters.DiskBytes < bytes / 2);
        Directory.Delete(unfinished);
        await Soon.UntilAsync(() => engine.Placer.Files.Disk is { IsResting: false });
        var three = await RunAsync(engine, DiskLab.Again(two.Path, 4, 40), "resp_3", "resp_2");
        await engine.DisposeAsync();
        Assert.Contains(_lab.Files, file => unfinished.StartsWith(file, StringComparison.Ordinal));

        await using var second = _lab.Start("llama");
        var (again, _) = await DiskLab.RunAsync(second, DiskLab.Spec(DiskLab.Again(three.Path, 5, 20), isStored: false));
        Assert.InRange(again.CachedTokens, three.Path.Length - 1, three.Path.Length);
    }

    [Fact]
    public async Task PromptThatIsStoredAgainAndAgain_IsAFewOwnersInMemory_AndItsFilesGoWithTheLast()
    {
        const int Responses = 200, Kept = 3;
        await using var engine = _lab.Start("llama");
        var prompt = DiskLab.Prompt(1, 100);
        for (var response = 0; response < Responses; response++)
        {
            await DiskLab.RunAsync(engine, DiskLab.Spec(prompt, output: 1) with { StoredAs = $"resp_{response}" });
            if (response == 0) await DiskLab.WrittenAsync(engine);
        }
        await DiskLab.WrittenAsync(engine);
        await EngineAudit.AskAsync(engine, () => Assert.All(engine.Tree.Roots.SelectMany(Segments), static segment =>
            Assert.InRange(segment.Owners?.Count ?? 0, 0, SegmentOwners.OwnersMax)));
        var files = _lab.Files;
        for (var response = 0; response < Responses; response++)
            if (response != Kept) engine.Files!.Forget("a", $"resp_{response}");
        await AgainAsync(engine);
        Assert.All(files, file => Assert.True(File.Exists(file)));
        await GoneAsync(engine, $"resp_{Kept}", _lab.Files.Count - files.Count);
        await GoneAsync(engine, "resp_again");
        Assert.Empty(_lab.Files);
    }

    [Fact]
    public async Task Checkpoint_GoesWithItsResponse()
    {
        await using var engine = _lab.Start("qwen35");
        await RunAsync(engine, DiskLab.Prompt(1, 400), "resp_1");
        await DiskLab.WrittenAsync(engine);
        Assert.Contains(_lab.Files, file => file.EndsWith(".point", StringComparison.Ordinal));
        await GoneAsync(engine, "resp_1");
        Assert.Empty(_lab.Files);
    }

    [Fact]
    public async Task DeletedResponse_IsNotWrittenAgain_FromMemory()
    {
        await using (var engine = _lab.Start("llama"))
        {
            await RunAsync(engine, DiskLab.Prompt(1, 400), "resp_1");
            await DiskLab.WrittenAsync(engine);
            await GoneAsync(engine, "resp_1");
        }
        Assert.Empty(_lab.Files);
    }

    [Fact]
    public async Task ResponseThatIsDeletedWhileItsTurnRuns_IsNotWritten_NorByALaterTurnOfIt()
    {
        await using (var engine = _lab.Start("llama"))
        {
            var prompt = DiskLab.Prompt(1, 400);
            var turn = EngineLab.Begin(engine, DiskLab.Spec(prompt, isStored: true, scope: "a", output: 6) with { StoredAs = "resp_1" });
            await turn.Started;
            engine.Files!.Forget("a", "resp_1");
            await EngineLab.ReadAsync(turn);
            await RunAsync(engine, DiskLab.Again(prompt, 2, 40), "resp_1"); // as what is prepared for its next question
        }
        Assert.Empty(_lab.Files);
    }

    [Fact]
    public async Task Files_AreDeleted_WhereNobodyIsKnownToNeedThem()
    {
        await using (var engine = _lab.Start("llama")) await RunAsync(engine, DiskLab.Prompt(1, 400), "resp_1");
        Assert.NotEmpty(_lab.Files);
        File.Delete(Path.Combine(_lab.Folder, "uses"));
        await using var second = _lab.Start("llama");
        Assert.Empty(_lab.Files);
    }

    [Fact]
    public async Task Kept_AreListed_AlsoAfterARestart()
    {
        var later = TimeProvider.System.GetUtcNow().AddMinutes(1);
        await using (var engine = _lab.Start("llama"))
        {
            await RunAsync(engine, DiskLab.Prompt(1, 400), "resp_1");
            await DiskLab.WrittenAsync(engine);
            Assert.Empty(engine.Files!.KeptBefore(later.AddMinutes(-2)));
        }
        await using var second = _lab.Start("llama");
        Assert.Equal([("a", "resp_1")], second.Files!.KeptBefore(later));
    }

    private static IEnumerable<Segment> Segments(Segment from) => from.Children.SelectMany(Segments).Prepend(from);

    private LlamaEngine Cold() => _lab.Start("llama", options => options.DiskBytesMax = 0);

    private static async Task<EngineTurnEnd> RunAsync(LlamaEngine engine, TokenPath prompt, string id, string? before = null) =>
        (await DiskLab.RunAsync(engine, DiskLab.Spec(prompt) with { StoredAs = id, StoredBehind = before })).End;

    /// <summary>Something else is written, behind all that was to be done.</summary>
    private static async Task AgainAsync(LlamaEngine engine)
    {
        await RunAsync(engine, DiskLab.Prompt(77, 300), "resp_again");
        await DiskLab.WrittenAsync(engine);
    }

    private async Task GoneAsync(LlamaEngine engine, string id, int left = 0)
    {
        engine.Files!.Forget("a", id);
        await Soon.UntilAsync(() => _lab.Files.Count <= left && engine.Counters.DiskBytes == _lab.Bytes);
    }
}
