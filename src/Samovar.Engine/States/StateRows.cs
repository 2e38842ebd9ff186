using System.Runtime.InteropServices;

namespace Samovar.Engine.States;

/// <summary>The parked state of one segment: its rows in host memory, in blocks, so that a split copies one block at most.</summary>
internal sealed unsafe class StateRows
{
    private const int BlockTokens = 256;
    private readonly StateLayout _layout;
    private readonly List<RowSlice> _blocks = [];

    private StateRows(StateLayout layout) => _layout = layout;

    public int Tokens { get; private set; }

    public long Bytes => (long)Tokens * _layout.BytesPerToken;

    /// <summary>Copies rows from a saved state.</summary>
    public static StateRows Copy(StateLayout layout, RowSlice source)
    {
        var rows = new StateRows(layout);
        try
        {
            for (var first = 0; first < source.Count; first += BlockTokens)
                rows.Add(rows.BlockOf(source.Part(first, Math.Min(BlockTokens, source.Count - first))));
            return rows;
        }
        catch
        {
            rows.Free();
            throw;
        }
    }

    /// <summary>The rows of that many first tokens, for splicing.</summary>
    public void AddTo(List<RowSlice> parts, int count)
    {
        foreach (var block in _blocks)
        {
            if (count <= 0) return;
            parts.Add(block.Part(0, Math.Min(count, block.Count)));
            count -= block.Count;
        }
    }

    /// <summary>Cuts the rows from a token on off into rows of their own; where memory is short nothing is cut.</summary>
    public StateRows CutTail(int at)
    {
        var tail = new StateRows(_layout);
        var (index, before) = (0, 0);
        while (before + _blocks[index].Count <= at) before += _blocks[index++].Count;
        var moved = _blocks[index..];
        var (head, behind) = at > before ? Halves(moved[0], at - before) : default;
        _blocks.RemoveRange(index, moved.Count);
        Tokens = before;
        if (at > before)
        {
            Add(head);
            tail.Add(behind);
            NativeMemory.Free((void*)moved[0].Data);
            moved.RemoveAt(0);
        }
        foreach (var block in moved) tail.Add(block);
        return tail;
    }

    /// <summary>Gives the memory back; the rows must not be used again.</summary>
    public void Free()
    {
        foreach (var block in _blocks) NativeMemory.Free((void*)block.Data);
        _blocks.Clear();
        Tokens = 0;
    }

    private (RowSlice Head, RowSlice Behind) Halves(RowSlice border, int at)
    {
        var head = BlockOf(border.Part(0, at));
        try
        {
            return (head, BlockOf(border.Part(at, border.Count - at)));
        }
        catch
        {
            NativeMemory.Free((void*)head.Data);
            throw;
        }
    }

    private RowSlice BlockOf(RowSlice source)
    {
        var data = (nint)NativeMemory.Alloc((nuint)source.Count, (nuint)_layout.BytesPerToken);
        var block = new RowSlice(data, source.Count, 0, 0, source.Count);
        _layout.Copy(source, block);
        return block;
    }

    private void Add(RowSlice block)
    {
        _blocks.Add(block);
        Tokens += block.Count;
    }
}
