using Samovar.Engine.Sequences;
using Samovar.Testing.Core;

namespace Samovar.Engine.Tests.Sequences;

/// <summary>The prefix tree against a plain list of paths.</summary>
public sealed class SegmentTreeTests
{
    [Fact]
    public void Match_FindsTheLongestKnownStart_ForRandomPaths()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var tree = new SegmentTree();
            var known = new List<int[]>();
            for (var round = 0; round < 30; round++)
            {
                var path = RandomPath(random, known);
                var (segment, depth) = SegmentTree.Match(tree.Root("a"), path);
                Assert.Equal(known.Count == 0 ? 0 : known.Max(other => other.AsSpan().CommonPrefixLength(path)), depth);
                Assert.Equal(path[..depth], PathTo(segment)[..depth]);
                var leaf = tree.Insert(tree.Root("a"), path);
                Assert.Equal(path, PathTo(leaf));
                known.Add(path);
            }
            foreach (var path in known) Assert.Equal(path.Length, SegmentTree.Match(tree.Root("a"), path).Depth);
        }
    }

    [Fact]
    public void Segments_HoldTheTokensTheyName_AfterAnySplits()
    {
        var tree = new SegmentTree();
        var random = new Random(3);
        var start = Enumerable.Range(0, 20_000).Select(_ => random.Next(100)).ToArray();
        var leaf = tree.Insert(tree.Root("a"), start);
        for (var branch = 0; branch < 40; branch++)
            tree.Insert(tree.Root("a"), (int[])[.. start[..random.Next(1, start.Length)], .. Enumerable.Range(1000 + branch, 20)]);
        for (var shorter = 19_000; shorter > 200; shorter -= 1000) tree.At(leaf, shorter);
        var named = sizeof(int) * (20_000L + 40 * 20);
        Assert.InRange(HeldMemory.Of(tree), named, named + tree.Count * 1000);
    }

    [Fact]
    public void At_SplitsAndKeepsEnds_WithoutMovingLeaves()
    {
        var tree = new SegmentTree();
        var leaf = tree.Insert(tree.Root("a"), Enumerable.Range(1, 100).ToArray());
        var front = tree.At(leaf, 40);
        Assert.Equal((0, 40, 40, 100), (front.Start, front.End, leaf.Start, leaf.End));
        Assert.Same(front, leaf.Parent);
        Assert.Same(front, tree.At(leaf, 40));
        Assert.Same(leaf, tree.At(leaf, 100));
        Assert.Equal(Enumerable.Range(1, 100), PathTo(leaf));
    }

    [Fact]
    public void Move_CountsStreams_AndLeavesNothingBehind()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            var tree = new SegmentTree();
            var streams = new StreamTable(4, tree);
            var known = new List<int[]>();
            for (var round = 0; round < 60; round++)
            {
                var slot = streams.Slots[random.Next(4)];
                if (random.Next(6) == 0) streams.Move(slot, null);
                else
                {
                    var path = RandomPath(random, known);
                    known.Add(path);
                    streams.Move(slot, tree.Insert(tree.Root(random.Next(2) == 0 ? "a" : "b"), path));
                }
                foreach (var root in tree.Roots) CheckStreams(root, streams);
            }
            foreach (var slot in streams.Slots) streams.Move(slot, null);
            Assert.Empty(tree.Roots);
            Assert.Equal(0, tree.Count);
        }
    }

    private static void CheckStreams(Segment segment, StreamTable streams)
    {
        foreach (var child in segment.Children)
        {
            Assert.Equal(streams.Slots.Count(slot => IsAbove(child, slot.Leaf)), child.Streams);
            Assert.True(child.Streams > 0);
            CheckStreams(child, streams);
        }
    }

    private static bool IsAbove(Segment segment, Segment? leaf)
    {
        for (var at = leaf; at is not null; at = at.Parent)
            if (ReferenceEquals(at, segment)) return true;
        return false;
    }

    private static int[] RandomPath(Random random, List<int[]> known)
    {
        int[] start = known.Count == 0 || random.Next(3) == 0 ? [] : known[random.Next(known.Count)];
        var own = Enumerable.Range(0, random.Next(1, 12)).Select(_ => random.Next(3));
        return [.. start[..random.Next(start.Length + 1)], .. own];
    }

    private static int[] PathTo(Segment segment)
    {
        var tokens = new List<int>();
        for (var at = segment; at is not null; at = at.Parent!) tokens.InsertRange(0, at.Tokens.ToArray());
        return [.. tokens];
    }
}
