using Samovar.Engine.Tests.Disk;
using Samovar.Engine.Tests.Kinds;
using Samovar.Engine.Tests.Turns;
using static Samovar.Engine.Tests.Decoding.WarmLab;

namespace Samovar.Engine.Tests.Decoding;

/// <summary>Kept prefixes never take more than they may, whenever they are marked.</summary>
public sealed class PrefixRoomTests
{
    [Fact]
    public async Task Prefix_IsNotKept_BeyondWhatAllOrItsNamespaceMayTake()
    {
        await using var engine = KindLab.StartExact("llama");
        var one = PrefixTokens * (long)engine.Model.StateBytesPerToken;
        await WarmAsync(engine, DiskLab.Prompt(1, PrefixTokens), "a");
        var shared = DiskLab.Again(DiskLab.Prompt(1, PrefixTokens), 5, 10); // most of it is there: it counts once
        await WarmAsync(engine, shared, "a", new PrefixRoom(2 * one, one + one / 4));
        var own = await KeepAsync(engine, DiskLab.Prompt(2, PrefixTokens), "a", new PrefixRoom(10 * one, one + one / 4));
        Assert.Equal(one + one / 4, Assert.IsType<PrefixKeeping.TooLarge>(own).BytesMax);
        await WarmAsync(engine, DiskLab.Prompt(2, PrefixTokens), "b", new PrefixRoom(3 * one, one + one / 4));
        var all = await KeepAsync(engine, DiskLab.Prompt(3, PrefixTokens), "c", new PrefixRoom(3 * one, 3 * one));
        Assert.Equal(0, Assert.IsType<PrefixKeeping.Full>(all).Own); // how much the others keep is not said
        Assert.Equal(3, engine.Placer.Prefixes!.Kept.Count);
        Assert.All(engine.Placer.Prefixes.Kept, kept => Assert.Equal(1, kept.Segment.Keeps));
        EngineAudit.Check(engine);
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("qwen35")]
    public async Task PrefixWhoseRoomWasTakenMeanwhile_IsNotKeptAgain_UntilThereIsRoom(string architecture)
    {
        await using var engine = KindLab.StartExact(architecture);
        var one = PrefixTokens * (long)engine.Model.StateBytesPerToken + engine.Model.StateBytesPerSequence;
        var room = new PrefixRoom(1L << 40, one + one / 2);
        var (given, other) = (DiskLab.Prompt(1, PrefixTokens), DiskLab.Prompt(2, PrefixTokens));
        var kept = await WarmAsync(engine, given, room: room);
        var segment = Assert.Single(engine.Placer.Prefixes!.Kept).Segment;
        await CrowdAsync(engine, seed: 100, turns: 4);
        await OnThreadAsync(engine, () => engine.Store.Evict(segment));
        var took = await WarmAsync(engine, other, room: room);
        await RunAsync(engine, Behind(given, 1));
        Assert.Same(took, Assert.Single(engine.Placer.Prefixes.Kept, static path => path.Segment is { IsDetached: false, Keeps: > 0 }));
        Assert.Equal((1L, 0), (kept.Use.Turns, kept.Use.Running)); // it is used all the same
        took.Dispose();
        await RunAsync(engine, Behind(given, 2));
        Assert.Same(kept, Assert.Single(engine.Placer.Prefixes.Kept, static path => path.Segment is { IsDetached: false, Keeps: > 0 }));
        EngineAudit.Check(engine);
    }
}
