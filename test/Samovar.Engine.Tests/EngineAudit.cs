using Samovar.Engine.Llama;
using Samovar.Engine.Native;
using Samovar.Engine.Parking;
using Samovar.Engine.Sequences;
using Samovar.Engine.States;

namespace Samovar.Engine.Tests;

/// <summary>Checks what must hold between turns, from the inside. Only while no turn runs.</summary>
internal static class EngineAudit
{
    /// <summary>Checks by the engine's thread, between two of its steps: what it does while nobody asks goes on.</summary>
    public static Task CheckBetweenStepsAsync(LlamaEngine engine) => AskAsync(engine, () => Check(engine));

    /// <summary>Has something done by the engine's thread.</summary>
    public static async Task AskAsync(LlamaEngine engine, Action question)
    {
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        engine.Loop.Ask(() =>
        {
            try
            {
                question();
                answered.SetResult();
            }
            catch (Exception exception) // the test's, not the engine's
            {
                answered.SetException(exception);
            }
        });
        await answered.Task;
    }

    public static void Check(LlamaEngine engine)
    {
        var parked = 0L;
        foreach (var slot in engine.Streams.Slots)
        {
            Assert.True(slot.IsIdle);
            Assert.Equal(slot.Leaf?.End ?? 0, slot.Length);
            Assert.False(slot.Leaf?.IsDetached ?? false);
            Assert.Equal(slot.Length, engine.HeldTokens(slot));
        }
        foreach (var root in engine.Tree.Roots) parked += CheckSegment(root, engine.Streams);
        Assert.Equal(engine.Store.Bytes, parked);
        Assert.InRange(parked, 0, engine.Store.BytesMax);
        Assert.Equal(engine.Tree.Roots.SelectMany(Candidates).ToHashSet(), engine.Store.Candidates.ToHashSet());
        Assert.Equal(engine.Tree.Roots.Sum(Segments) - engine.Tree.Roots.Count(), engine.Tree.Count);
        Assert.InRange(engine.Tree.Roots.Sum(Pins), 0, engine.Loop.Pins.Count); // those of paths that are gone are in no tree
        Assert.InRange(engine.Counters.DiskBytes, 0, engine.Counters.DiskBytesMax);
    }

    private static int Segments(Segment segment) => 1 + segment.Children.Sum(Segments);

    private static int Pins(Segment segment) => segment.Pins + segment.Children.Sum(Pins);

    private static long CheckSegment(Segment segment, StreamTable streams)
    {
        var parked = (segment.Rows?.Bytes ?? 0) + (segment.Checkpoint?.Bytes ?? 0);
        if (segment.Checkpoint is { Part: StatePart.AtEnd })
            Assert.True(segment.Rows is not null || streams.Slots.Any(slot => GoesThrough(slot, segment) && slot.Length >= segment.End),
                "A checkpoint without its rows.");
        Assert.Equal(segment.Children.Count(child => child.Rows is not null), segment.ChildrenWithRows + (segment.Parent is null
            ? segment.Children.Count(child => child.Rows is not null) : 0));
        Assert.False(segment.IsDetached);
        if (segment.Rows is { } rows)
        {
            var parts = new List<RowSlice>();
            rows.AddTo(parts, int.MaxValue);
            Assert.Equal((segment.Tokens.Length, segment.Tokens.Length), (rows.Tokens, parts.Sum(part => part.Count)));
        }
        Assert.InRange(segment.Children.Sum(child => child.Users), 0, segment.Users); // a root has none itself, but those in it
        foreach (var child in segment.Children)
        {
            Assert.Same(segment, child.Parent);
            Assert.Equal(segment.End, child.Start);
            Assert.True(child.Rows is null || segment.Rows is not null || segment.Parent is null,
                "Rows without the rows in front of them.");
            Assert.Equal(streams.Slots.Count(slot => GoesThrough(slot, child)), child.Streams);
            Assert.True(child.Streams > 0 || child.IsParked || child.HasChildren, "A segment that nothing needs.");
            parked += CheckSegment(child, streams);
        }
        return parked;
    }

    private static IEnumerable<ParkedItem> Candidates(Segment segment)
    {
        if (segment.Checkpoint is not null) yield return new ParkedItem(segment, IsCheckpoint: true);
        else if (segment is { Rows: not null, ChildrenWithRows: 0 }) yield return new ParkedItem(segment, IsCheckpoint: false);
        foreach (var item in segment.Children.SelectMany(Candidates)) yield return item;
    }

    private static bool GoesThrough(StreamSlot slot, Segment segment)
    {
        for (var at = slot.Leaf; at is not null; at = at.Parent)
            if (ReferenceEquals(at, segment)) return true;
        return false;
    }
}
