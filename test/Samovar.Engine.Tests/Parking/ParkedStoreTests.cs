using Samovar.Engine.Decoding;
using Samovar.Engine.Native;
using Samovar.Engine.Parking;
using Samovar.Engine.Sequences;
using Samovar.Engine.States;

namespace Samovar.Engine.Tests.Parking;

/// <summary>Parked state is given up for what will fit, and for nothing else.</summary>
public sealed class ParkedStoreTests
{
    private readonly SegmentTree _tree = new();
    private readonly EngineMeters _meters = new();

    [Fact]
    public void Reserve_GivesNothingUp_WhereItWouldNotFitAllTheSame()
    {
        var store = NewStore(100);
        var (kept, other, another) = (Put(store, 1, 40), Put(store, 2, 30), Put(store, 3, 20));
        store.Kept = kept;
        Assert.False(store.Reserve(61, keep: null));
        Assert.False(store.Reserve(101, keep: null));
        Assert.True(other.IsParked && another.IsParked);
        Assert.Equal((90, 0), (store.Bytes, _meters.Evictions));
        Assert.True(store.Reserve(60, keep: null));
        Assert.True(kept.IsParked && !other.IsParked && !another.IsParked);
        Assert.Equal((40, 2), (store.Bytes, _meters.Evictions));
        store.Kept = null;
        Assert.False(store.Reserve(61, keep: kept));
        Assert.True(store.Reserve(100, keep: null));
        Assert.Equal(0, store.Bytes);
    }

    [Fact]
    public void Reserve_GivesUpWhatAChainHasLeftBehind_BeforeTheNewestOfAnother()
    {
        var store = NewStore(100);
        var other = Put(store, 1, 30);
        other.Pins++;
        var earlier = Put(store, 2, 30);
        var newest = Put(store, 2, 30, from: earlier);
        (other.Checkpoint!.LastUsed, earlier.Checkpoint!.LastUsed, newest.Checkpoint!.LastUsed) = (1, 8, 9);
        newest.Pins++;
        Assert.True(store.Reserve(20, keep: null));
        Assert.True(other.IsParked && newest.IsParked && !earlier.IsParked);
    }

    [Fact]
    public void Reserve_GivesUpNothing_ThatIsWorthMoreThanWhatComes()
    {
        var store = NewStore(100);
        var (one, other) = (Put(store, 1, 50), Put(store, 2, 50));
        (one.Pins, other.Pins) = (1, 1);
        var way = _tree.Insert(_tree.Root("a"), new[] { 7, 7 });
        Assert.False(store.Reserve(10, null, store.RankOf(way, MarkKind.Interval, 10, lastUsed: 99)));
        Assert.True(one.IsParked && other.IsParked);
        Assert.True(store.Reserve(10, null, store.RankOf(way, MarkKind.StableStart, 10, lastUsed: 99)));
        Assert.Equal(1, _meters.Evictions);
    }

    [Fact]
    public void DropLost_GivesUpCheckpoints_WhoseRowsWereInAStreamAlone()
    {
        var store = NewStore(100);
        var segment = Put(store, 1, 40, part: StatePart.AtEnd);
        segment.Streams = 1;
        store.DropLost(segment);
        Assert.True(segment.IsParked);
        segment.Streams = 0;
        store.DropLost(segment);
        Assert.Equal((false, 0L, 1L), (segment.IsParked, store.Bytes, _meters.Evictions));
    }

    [Fact]
    public void Order_LearnsWhichPlacesAreGoneBackTo()
    {
        var order = new RecencyOrder();
        var end = new ParkedPiece(MarkKind.TurnEnd, 10, 5, 9, IsPinned: true, IsSuperseded: false, IsUseless: false);
        var question = end with { Kind = MarkKind.QuestionStart };
        Assert.True(order.RankOf(question).CompareTo(order.RankOf(end)) < 0);
        for (var use = 0; use < 20; use++) order.NoteUse(MarkKind.QuestionStart);
        Assert.Equal(0, order.RankOf(question).CompareTo(order.RankOf(end)));
        Assert.True(order.RankOf(question with { IsSuperseded = true }).CompareTo(order.RankOf(end)) < 0);
        Assert.True(order.RankOf(end with { IsUseless = true }).CompareTo(order.RankOf(question with { IsSuperseded = true })) < 0);
        Assert.True(order.RankOf(end with { LastUsed = 3 }).CompareTo(order.RankOf(end)) < 0);
    }

    private ParkedStore NewStore(long bytesMax) =>
        new(_tree, _meters, new RecencyOrder(), hasCheckpoints: true, bytesMax, TimeProvider.System);

    private unsafe Segment Put(
        ParkedStore store, int token, int bytes, Segment? from = null, StatePart part = StatePart.Whole)
    {
        var segment = _tree.Insert(from ?? _tree.Root("a"), new[] { token, token });
        var state = new byte[bytes];
        fixed (byte* source = state) store.Put(segment, new StateCheckpoint(source, bytes, MarkKind.TurnEnd, part));
        return segment;
    }
}
