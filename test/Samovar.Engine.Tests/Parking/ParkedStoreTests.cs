using Samovar.Engine.Decoding;
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
        var store = new ParkedStore(_tree, _meters, bytesMax: 100, TimeProvider.System);
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

    private unsafe Segment Put(ParkedStore store, int token, int bytes)
    {
        var segment = _tree.Insert(_tree.Root("a"), new[] { token, token });
        var state = new byte[bytes];
        fixed (byte* source = state) store.Put(segment, new WholeState(source, bytes));
        return segment;
    }
}
