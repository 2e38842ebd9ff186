using Samovar.Engine.Llama;
using Samovar.Engine.Tests.Disk;
using Samovar.Engine.Tests.Kinds;
using Samovar.Engine.Tests.Turns;
using Samovar.Testing;
using static Samovar.Engine.Tests.Decoding.WarmLab;

namespace Samovar.Engine.Tests.Decoding;

/// <summary>Kept prefixes stay for those who begin with them, of every kind of memory, and cost nobody else anything.</summary>
/// <remarks>One of each memory's kinds is played; with <c>ALL_KINDS=1</c> all ten are.</remarks>
public sealed class PrefixKeeperTests : IDisposable
{
    private readonly DiskLab _disk = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _disk.Dispose();

    [Theory]
    [MemberData(nameof(KindLab.Memories), MemberType = typeof(KindLab))]
    public async Task ManyWhoBeginAtOnce_ComputeOnlyWhatIsTheirOwn_WhateverTheModelRemembers(string architecture)
    {
        await using var cold = KindLab.StartExact(architecture, windowShare: KindLab.ShortWindows);
        await using var engine = KindLab.StartExact(architecture, options => options.Streams = 3, KindLab.ShortWindows);
        var prefix = DiskLab.Prompt(1, PrefixTokens);
        var kept = await WarmAsync(engine, prefix);
        await CrowdAsync(engine, seed: 100, turns: 4); // no stream has it any more
        var turns = Enumerable.Range(0, 6).Select(at => EngineLab.Begin(engine, Spec(Behind(prefix, at)))).ToList();
        for (var at = 0; at < turns.Count; at++)
        {
            var (end, steps) = await EngineLab.ReadAsync(turns[at]);
            Assert.InRange(end.PrefilledTokens, 1, OwnTokens);
            var (_, expected) = await EngineLab.RunAsync(cold, Spec(Behind(prefix, at), scope: $"cold{at}"));
            ExactLab.AssertSame(expected, steps);
        }
        Assert.Equal((6L, 6L, 0), (kept.Use.Turns, kept.Use.Hits, kept.Use.Running));
        EngineAudit.Check(engine);
    }

    [Theory]
    [MemberData(nameof(KindLab.Memories), MemberType = typeof(KindLab))]
    public async Task Prefix_StaysWhereMemoryIsShort_AndGoesLikeAllElseWhenItIsGivenBack(string architecture)
    {
        await using var engine = await SmallAsync(architecture);
        var prefix = DiskLab.Prompt(1, PrefixTokens);
        var kept = await WarmAsync(engine, prefix);
        await CrowdAsync(engine, seed: 100, turns: 12);
        Assert.True(engine.Counters.Evictions > 0);
        Assert.InRange((await RunAsync(engine, Behind(prefix, 1))).PrefilledTokens, 1, OwnTokens);
        EngineAudit.Check(engine);
        kept.Dispose();
        await CrowdAsync(engine, seed: 200, turns: 12);
        Assert.True((await RunAsync(engine, Behind(prefix, 2))).PrefilledTokens > OwnTokens);
        Assert.Empty(engine.Placer.Prefixes!.Kept);
        EngineAudit.Check(engine);
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("qwen35")]
    public async Task Prefix_IsKeptAgain_ByTheNextTurnThatComputesIt(string architecture)
    {
        await using var engine = await SmallAsync(architecture);
        var prefix = DiskLab.Prompt(1, PrefixTokens);
        var kept = await WarmAsync(engine, prefix);
        var segment = Assert.Single(engine.Placer.Prefixes!.Kept).Segment;
        await CrowdAsync(engine, seed: 100, turns: 4);
        await OnThreadAsync(engine, () => engine.Store.Evict(segment)); // as where nothing else is left to give up
        Assert.True((await RunAsync(engine, Behind(prefix, 1))).PrefilledTokens > OwnTokens);
        await CrowdAsync(engine, seed: 200, turns: 12);
        Assert.InRange((await RunAsync(engine, Behind(prefix, 2))).PrefilledTokens, 1, OwnTokens);
        Assert.Equal((2L, 1L), (kept.Use.Turns, kept.Use.Hits));
        EngineAudit.Check(engine);
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("qwen35")]
    public async Task Prefix_IsKept_ThoughMemoryIsFullOfWhatOthersHold(string architecture)
    {
        await using var engine = await SmallAsync(architecture);
        await CrowdAsync(engine, seed: 100, turns: 12);
        var prefix = DiskLab.Prompt(1, PrefixTokens);
        await WarmAsync(engine, prefix);
        await CrowdAsync(engine, seed: 200, turns: 12);
        Assert.InRange((await RunAsync(engine, Behind(prefix, 1))).PrefilledTokens, 1, OwnTokens);
        EngineAudit.Check(engine);
    }

    [Fact]
    public async Task PrefixThatIsWarmedAgain_IsUsedByThoseWhoBeganWithItBefore()
    {
        await using var engine = KindLab.StartExact("llama", options => options.StepsBufferedMax = 4);
        var prefix = DiskLab.Prompt(1, PrefixTokens);
        var first = await WarmAsync(engine, prefix);
        var turn = EngineLab.Begin(engine, Spec(Behind(prefix, 1)) with { OutputTokensMax = 30 }); // its reader is behind: it goes on
        await turn.Started;
        var again = await WarmAsync(engine, prefix);
        first.Dispose();
        Assert.Equal(1, again.Use.Running);
        await EngineLab.ReadAsync(turn);
        Assert.Equal(0, again.Use.Running);
    }

    [Fact]
    public async Task AnotherNamespace_FindsNothingOfIt_NorDoesItsSurvey()
    {
        await using var engine = KindLab.StartExact("llama");
        var prefix = DiskLab.Prompt(1, PrefixTokens);
        var kept = await WarmAsync(engine, prefix, "a");
        Assert.Equal(0, (await RunAsync(engine, Behind(prefix, 1), "b")).CachedTokens);
        Assert.Equal(0, (await RunAsync(engine, Behind(prefix, 2).Append(new[] { 40 }), "c")).CachedTokens);
        Assert.Equal(0, kept.Use.Turns);
        var foreign = (await engine.PrefixesAsync("b", [kept], 10, 1, Cancelled))!;
        Assert.Equal(new PrefixPlace(0, 0, IsOnDisk: false, StatePlace.None), Assert.Single(foreign.Kept));
        Assert.Empty(foreign.Starts);
        Assert.Empty((await engine.PrefixesAsync("nobody", [], 10, 1, Cancelled))!.Starts);
        var own = Assert.Single((await engine.PrefixesAsync("a", [kept], 10, 1, Cancelled))!.Kept);
        Assert.Equal((PrefixTokens, 0), (own.Place.Tokens, own.Chains));
        Assert.True(own.Bytes >= PrefixTokens * (long)engine.Model.StateBytesPerToken);
    }

    [Fact]
    public async Task Survey_ShowsStartsThatSeveralChainsShare_WithoutAnybodyHavingAsked()
    {
        await using var engine = KindLab.StartExact("llama", options => options.Streams = 2);
        var start = DiskLab.Prompt(1, PrefixTokens);
        var ends = new List<EngineTurnEnd>();
        for (var at = 0; at < 3; at++) ends.Add((await EngineLab.RunAsync(engine, Spec(Behind(start, at)))).End);
        await RunAsync(engine, DiskLab.Prompt(9, 100));
        var shared = Assert.Single((await engine.PrefixesAsync("a", [], 10, 32, Cancelled))!.Starts);
        Assert.Equal(start.ToArray(), shared.Tokens);
        Assert.Equal((3, 2L), (shared.At.Chains, shared.Hits));
        Assert.Empty((await engine.PrefixesAsync("a", [], 10, PrefixTokens + 1, Cancelled))!.Starts);
        Assert.Empty((await engine.PrefixesAsync("a", [], 0, 32, Cancelled))!.Starts);
        ends[0].Pin!.Dispose();
        ends[1].Pin!.Dispose();
        Assert.Empty((await engine.PrefixesAsync("a", [], 10, 32, Cancelled))!.Starts);
    }

    [Fact]
    public async Task Prefix_StaysThoughNobodyComesBack_WhereAFinalTurnBeganWithIt()
    {
        await using var engine = await SmallAsync("llama");
        var prefix = DiskLab.Prompt(1, PrefixTokens);
        await WarmAsync(engine, prefix);
        var (end, _) = await EngineLab.RunAsync(engine, Spec(Behind(prefix, 1)));
        end.Pin!.Ended(new TurnEnding(StopKind.Final));
        await CrowdAsync(engine, seed: 100, turns: 6);
        Assert.InRange((await RunAsync(engine, Behind(prefix, 2))).PrefilledTokens, 1, OwnTokens);
        EngineAudit.Check(engine);
    }

    [Fact]
    public async Task RunningTurn_IsCountedWhileItRuns_AndACancelledOneNoLonger()
    {
        await using var engine = KindLab.StartExact("llama");
        var prefix = DiskLab.Prompt(1, PrefixTokens);
        var kept = await WarmAsync(engine, prefix);
        var turn = EngineLab.Begin(engine, Spec(Behind(prefix, 1)) with { OutputTokensMax = 3000 });
        Assert.True(await turn.Steps.WaitToReadAsync(Cancelled));
        Assert.Equal((1L, 1), (kept.Use.Turns, kept.Use.Running));
        turn.Cancel();
        await turn.Ended;
        Assert.Equal((1L, 0), (kept.Use.Turns, kept.Use.Running));
    }

    [Fact]
    public async Task CancelledWarmUp_KeepsNothing_AndAnotherEnginesPrefixIsOver()
    {
        KeptPrefix kept;
        await using (var engine = KindLab.StartExact("llama"))
        {
            using var held = new HeldRounds(engine);
            var warming = EngineLab.Begin(engine, Spec(DiskLab.Prompt(1, 1000)) with { OutputTokensMax = 0, Keeps = Plenty });
            await held.Entered;
            warming.Cancel();
            held.GoOn();
            Assert.Null((await warming.Ended).Keeping);
            Assert.Empty(engine.Placer.Prefixes!.Kept);
            kept = await WarmAsync(engine, DiskLab.Prompt(2, PrefixTokens));
            Assert.False(kept.IsOver);
        }
        Assert.True(kept.IsOver);
        kept.Dispose();
        kept.Dispose();
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("qwen35")]
    [InlineData("mamba2")]
    public async Task StoredPrefix_ComesBackFromTheDisk_AfterARestart(string architecture)
    {
        var prefix = DiskLab.Prompt(1, PrefixTokens);
        await using (var engine = _disk.Start(architecture)) await WarmAsync(engine, prefix, isStored: true);
        Assert.NotEmpty(_disk.Files);
        await using var again = _disk.Start(architecture);
        var (end, _) = await EngineLab.RunAsync(again, Warming(prefix, "a", Plenty, isStored: true));
        Assert.Equal((CacheSource.Disk, PrefixTokens), (end.Source, end.CachedTokens));
        Assert.IsType<PrefixKeeping.Kept>(end.Keeping);
    }

    [Fact]
    public async Task PrefixThatMayNotBeStored_IsNeverWritten()
    {
        await using (var engine = _disk.Start("llama", options => options.ParkedBytesMax = 1 << 20))
        {
            await WarmAsync(engine, DiskLab.Prompt(1, PrefixTokens));
            for (var at = 0; at < 8; at++)
                await EngineLab.RunAsync(engine, DiskLab.Spec(Behind(DiskLab.Prompt(1, PrefixTokens), at), isStored: false));
        }
        Assert.Empty(_disk.Files);
    }
}
