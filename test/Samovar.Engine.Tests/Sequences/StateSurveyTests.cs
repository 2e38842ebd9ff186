using Samovar.Engine.Sequences;

namespace Samovar.Engine.Tests.Sequences;

/// <summary>Where state is, as the engine says it to those who watch.</summary>
public sealed class StateSurveyTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Map_ShowsStreamMemoryAndSharedStart_OfTheAskersPinsAlone()
    {
        var random = new Random(7);
        await using var engine = EngineLab.Start(options => options.Streams = 2);
        var start = EngineLab.Prompt(random, 64);
        var pins = new List<SequencePin>();
        foreach (var scope in new[] { "a", "a", "b" })
        {
            var (end, _) = await EngineLab.RunAsync(
                engine, EngineLab.Spec(start.Append(EngineLab.Tokens(random, 16)), 4, scope: scope));
            pins.Add(end.Pin!);
        }
        var map = (await engine.MapAsync(pins, 10, 64, Cancelled))!;
        Assert.Equal(3, map.Places.Count);
        Assert.All(map.Places, place => Assert.InRange(place.Tokens, 80, 84));
        Assert.Single(map.Places, place => place is { Stream: -1, IsParked: true });
        Assert.Equal([0, 1], map.Places.Where(place => place.Stream >= 0).Select(place => place.Stream).Order());
        var shared = Assert.Single(map.Shared);
        Assert.Equal((64, 1L), (shared.Tokens, shared.Hits));
        Assert.Equal([0, 1], shared.Users); // the same tokens in another namespace are nobody's business
        Assert.True(map.StreamTokens >= 160 && map.MemoryTokens > 0);

        var own = (await engine.MapAsync([pins[2]], 10, 1, Cancelled))!;
        Assert.Empty(own.Shared);
        Assert.Empty((await engine.MapAsync(pins, 10, 65, Cancelled))!.Shared); // it is shorter than what was asked for
        pins[0].Dispose();
        Assert.Equal(shared.Id, Assert.Single((await engine.MapAsync(pins, 10, 1, Cancelled))!.Shared).Id);
    }

    [Fact]
    public void Name_StaysWithItsSegment_WhateverIsSplit()
    {
        var tree = new SegmentTree();
        var end = tree.Insert(tree.Root("a"), new[] { 1, 2, 3, 4 });
        var name = tree.NameOf(end);
        SegmentTree.NoteHit(end, 3);
        var front = tree.At(end, 2);
        Assert.Equal(name, tree.NameOf(end));
        Assert.NotEqual(name, tree.NameOf(front));
        Assert.Equal((1, 0), (end.Hits, front.Hits));
        SegmentTree.NoteHit(end, 2);
        Assert.Equal((1, 1), (end.Hits, front.Hits));
        SegmentTree.NoteHit(end, 0);
        Assert.Equal((1, 1), (end.Hits, front.Hits));
    }
}
