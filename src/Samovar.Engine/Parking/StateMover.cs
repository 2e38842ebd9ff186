using Samovar.Engine.Native;
using Samovar.Engine.Sequences;
using Samovar.Engine.States;

namespace Samovar.Engine.Parking;

/// <summary>Moves state between streams and host memory.</summary>
internal sealed unsafe class StateMover(LlamaContext context, StateLayout? layout, ParkedStore store, SegmentTree tree, EngineMeters meters)
    : IDisposable
{
    private readonly ScratchMemory _saved = new();
    private readonly ScratchMemory _spliced = new();

    /// <summary>Saves what an idle stream holds and host memory does not; false when there is no room for it.</summary>
    /// <param name="slot">An idle stream.</param>
    /// <param name="discard">Whether the stream is emptied next: then only what is missing is read from it.</param>
    public bool Park(StreamSlot slot, bool discard)
    {
        if (slot.Leaf is not { } leaf || slot.Length == 0) return true;
        if (layout is null) return ParkWhole(slot, leaf);
        var saved = leaf;
        while (saved is { Rows: null, Parent: { } parent }) saved = parent;
        if (ReferenceEquals(saved, leaf)) return true;
        if (!store.Reserve((long)(leaf.End - saved.End) * layout.BytesPerToken, saved)) return false;
        var position = discard ? saved.End : 0;
        if (discard) context.DropFront(slot.Index, position);
        if (Read(slot, position, slot.Length - position) is not { } rows) return false;
        Keep(leaf, position, rows);
        _saved.Release();
        meters.Parks++;
        return true;
    }

    /// <summary>Copies the front of one stream's state into another, and keeps it in host memory for others if there is room.</summary>
    public bool Copy(StreamSlot source, StreamSlot target, Segment path, int depth)
    {
        if (layout is null) return CopyWhole(source, target, depth);
        if (Read(source, 0, source.Length) is not { } rows) return false;
        var boundary = tree.At(path, depth);
        var saved = boundary;
        while (saved is { Rows: null, Parent: { } parent }) saved = parent;
        if (!ReferenceEquals(saved, boundary) && store.Reserve((long)(depth - saved.End) * layout.BytesPerToken, saved))
            Keep(boundary, 0, rows);
        var done = Set(target, [rows.Part(0, depth)], depth);
        _saved.Release();
        return done;
    }

    /// <summary>Sets an empty stream to parked state.</summary>
    public bool Restore(StreamSlot slot, Segment parked, int depth)
    {
        meters.Restores++;
        if (parked.Whole is { } whole && layout is null)
            return context.LoadState(slot.Index, whole.Data, whole.Bytes) && (parked.End == depth || context.Truncate(slot.Index, depth));
        var path = new List<Segment>();
        for (var at = parked; at.Parent is not null; at = at.Parent) path.Add(at);
        var parts = new List<RowSlice>();
        for (var index = path.Count - 1; index >= 0; index--)
            path[index].Rows!.AddTo(parts, Math.Min(path[index].Tokens.Length, depth - path[index].Start));
        return Set(slot, parts, depth);
    }

    public void Dispose()
    {
        _saved.Dispose();
        _spliced.Dispose();
    }

    private void Keep(Segment leaf, int position, RowSlice rows)
    {
        var missing = new Stack<Segment>();
        for (var at = leaf; at is { Rows: null, Parent: not null }; at = at.Parent) missing.Push(at);
        while (missing.TryPop(out var segment))
            store.Put(segment, StateRows.Copy(layout!, rows.Part(segment.Start - position, segment.Tokens.Length)));
    }

    private RowSlice? Read(StreamSlot slot, int position, int tokens)
    {
        var size = context.StateSize(slot.Index);
        var data = _saved.Take(size);
        return layout!.Open(data, context.SaveState(slot.Index, data, size), position, tokens);
    }

    private bool Set(StreamSlot target, IReadOnlyList<RowSlice> parts, int depth)
    {
        var size = layout!.Size(depth);
        var data = _spliced.Take(size);
        layout.Splice(data, target.Index, parts);
        var done = context.LoadState(target.Index, data, size) && context.Length(target.Index) == depth;
        _spliced.Release();
        return done;
    }

    private bool ParkWhole(StreamSlot slot, Segment leaf)
    {
        if (leaf.Whole is not null) return true;
        var size = context.StateSize(slot.Index);
        if (!store.Reserve(size, null)) return false;
        var data = _saved.Take(size);
        if (context.SaveState(slot.Index, data, size) != size) return false;
        store.Put(leaf, new WholeState(data, size));
        _saved.Release();
        meters.Parks++;
        return true;
    }

    private bool CopyWhole(StreamSlot source, StreamSlot target, int depth)
    {
        var size = context.StateSize(source.Index);
        var data = _saved.Take(size);
        var done = context.SaveState(source.Index, data, size) == size && context.LoadState(target.Index, data, size)
            && (source.Length == depth || context.Truncate(target.Index, depth));
        _saved.Release();
        return done;
    }
}
