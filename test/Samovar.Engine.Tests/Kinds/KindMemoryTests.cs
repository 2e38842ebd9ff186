using Samovar.Engine.Llama;
using Samovar.Engine.Sequences;
using Samovar.Testing.Engines.Talks;
using Samovar.Testing.Models;

namespace Samovar.Engine.Tests.Kinds;

/// <summary>What is kept for many sessions takes memory by what they said, and little memory goes to what is gone on from.</summary>
/// <remarks>One of each memory's kinds is played; with <c>ALL_KINDS=1</c> all ten are.</remarks>
public sealed class KindMemoryTests(ITestOutputHelper output)
{
    private const int Answer = 16, PlacesOfTurn = 3;

    public static TheoryData<string> Memories => KindLab.Memories;

    /// <summary>Five states fit: whose conversation went on from one, does not need it any more.</summary>
    [Fact]
    public async Task RecurrentModel_WithRoomForFiveStates_KeepsEverybodysNewest()
    {
        await using var engine = KindLab.StartExact("mamba2", options => (options.Streams, options.ParkedBytesMax) = (2, 2_200_000));
        var turns = await new TalkCrowd(5, 8).PlayAsync(new TalkStage(engine, TalkSizes.Field with { Answer = Answer }, seed: 1));
        EngineAudit.Check(engine);
        output.WriteLine($"{turns.Sum(turn => turn.Prefilled)} prefilled, {turns.Sum(turn => turn.New)} new");
        Assert.InRange(turns.Sum(turn => turn.Prefilled), 0, 13_200);
    }

    /// <summary>Whoever comes back and whoever makes room for them change places: that needs no more memory than their states.</summary>
    [Theory]
    [MemberData(nameof(Memories))]
    public async Task MemoryForEverybody_KeepsEverybody(string architecture)
    {
        var crowd = new TalkCrowd(8, 6);
        var shape = StateShape.Of(GgufMetadata.Read(
            KindLab.ModelPath(architecture, type: WeightType.Q8, windowShare: KindLab.ShortWindows)));
        var each = shape.BytesOf(crowd.TokensOf(TalkSizes.Small));
        await using var engine = KindLab.StartExact(
            architecture, options => (options.Streams, options.ParkedBytesMax) = (2, crowd.Sessions * each), KindLab.ShortWindows);
        var turns = await crowd.PlayAsync(new TalkStage(engine, TalkSizes.Small, seed: 1));
        EngineAudit.Check(engine);
        var (prefilled, fresh) = (turns.Sum(turn => turn.Prefilled), turns.Sum(turn => turn.New));
        output.WriteLine($"{architecture}: {prefilled} prefilled, {fresh} new");
        Assert.InRange(prefilled, 0, 1.05 * fresh);
    }

    [Theory]
    [MemberData(nameof(Memories))]
    public async Task ParkedBytes_GrowWithWhatIsSaid(string architecture)
    {
        var crowd = new TalkCrowd(4, 8);
        await using var engine = KindLab.StartExact(
            architecture, options => (options.Streams, options.ParkedBytesMax) = (2, 1L << 30), KindLab.ShortWindows);
        var stage = new TalkStage(engine, TalkSizes.Small, seed: 1);
        var parked = new List<long>();
        var turns = await crowd.PlayAsync(stage, () => parked.Add(engine.Counters.ParkedBytes));
        EngineAudit.Check(engine);
        var (rows, checkpoints) = (0L, new List<long>());
        foreach (var root in engine.Tree.Roots) Count(root, ref rows, checkpoints);
        var distinct = Distinct(turns);
        output.WriteLine($"{architecture}: {string.Join(' ', parked)}; {rows} in rows of {distinct} tokens, "
            + $"{checkpoints.Count} checkpoints of {checkpoints.Sum()}");
        Assert.Equal(engine.Store.Bytes, rows + checkpoints.Sum());
        Assert.InRange(rows, 0, distinct * engine.Model.StateBytesPerToken); // nothing is there twice
        Assert.InRange(checkpoints.Count, 0, PlacesOfTurn * turns.Count + 1);
        Assert.InRange(engine.Store.Bytes, 0, 1.5 * (distinct * engine.Model.StateBytesPerToken + checkpoints.Sum()));
        // What a round adds stays what it was: with whole snapshots it grows by the length that the sessions have.
        Assert.InRange(parked[7] - parked[5], 0, Math.Max(1.5 * (parked[4] - parked[2]), 1));
    }

    /// <summary>Tokens of all paths, those with the same ones in front of them counted once.</summary>
    private static long Distinct(IReadOnlyList<TalkTurn> turns)
    {
        var (tree, root) = (new SegmentTree(), "distinct");
        foreach (var turn in turns) tree.Insert(tree.Root(root), turn.End.Path.ToArray());
        return Tokens(tree.Root(root));

        static long Tokens(Segment segment) => segment.Tokens.Length + segment.Children.Sum(Tokens);
    }

    private static void Count(Segment segment, ref long rows, List<long> checkpoints)
    {
        rows += segment.Rows?.Bytes ?? 0;
        if (segment.Checkpoint is { } checkpoint) checkpoints.Add(checkpoint.Bytes);
        foreach (var child in segment.Children) Count(child, ref rows, checkpoints);
    }
}
