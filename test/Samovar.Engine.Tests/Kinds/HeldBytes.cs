using System.Runtime.InteropServices;
using Samovar.Engine.Llama;
using Samovar.Engine.Sequences;
using Samovar.Engine.States;

namespace Samovar.Engine.Tests.Kinds;

/// <summary>A copy of state that is held somewhere.</summary>
/// <param name="Where">Says whose it is.</param>
/// <param name="Tokens">All tokens up to its end.</param>
/// <param name="From">The token that its rows begin with.</param>
/// <param name="Rows">By plane.</param>
/// <param name="End">What the end alone decides, by plane where it is rows of a window; null where that is not held.</param>
internal sealed record HeldBytes(string Where, int[] Tokens, int From, IReadOnlyList<byte[]> Rows, HeldEnd? End)
{
    public static HeldBytes Of(LlamaEngine engine, StreamSlot slot, Segment leaf)
    {
        var (rows, end) = ((IReadOnlyList<byte[]>)[], (HeldEnd?)null);
        var isShown = engine.Mover.Show(slot, shown => rows = Planes(engine.Layout!, [shown]),
            (data, bytes, _) => end = EndOf(engine, data, bytes, slot.Length));
        Assert.True(isShown, "A stream does not hold what its path says.");
        return new HeldBytes($"stream {slot.Index}", leaf.FirstTokens(slot.Length), 0, rows, end);
    }

    public static unsafe HeldBytes Of(LlamaEngine engine, Segment segment)
    {
        var parts = new List<RowSlice>();
        segment.Rows?.AddTo(parts, int.MaxValue);
        return new HeldBytes($"segment {segment.Start}..{segment.End}", segment.FirstTokens(segment.End), segment.Start,
            parts.Count == 0 ? [] : Planes(engine.Layout!, parts),
            segment.Checkpoint is { } kept ? EndOf(engine, (nint)kept.Data, kept.Bytes, segment.End) : null);
    }

    /// <summary>Everything that this one has must be what the other has there.</summary>
    public void AssertSame(HeldBytes right)
    {
        Assert.Equal(right.Tokens, Tokens);
        for (var plane = 0; plane < Rows.Count; plane++)
        {
            var rowBytes = right.Rows[plane].Length / right.Tokens.Length;
            Assert.True(right.Rows[plane].AsSpan(From * rowBytes, Rows[plane].Length).SequenceEqual(Rows[plane]),
                $"{Where}: rows of plane {plane} are others than those of its tokens.");
        }
        if (End is null) return;
        // One that was cut by a token has what the next token sees, and not the row before that.
        var least = right.End!.Rows == 0 || right.End.Rows == Tokens.Length ? right.End.Rows : right.End.Rows - 1;
        Assert.InRange(End.Rows, least, right.End.Rows);
        for (var plane = 0; plane < End.Planes.Count; plane++)
        {
            var (own, whole) = (End.Planes[plane], right.End.Planes[plane]);
            var same = right.End.Rows == 0 ? whole : whole.AsSpan(whole.Length / right.End.Rows * (right.End.Rows - End.Rows));
            Assert.True(same.SequenceEqual(own), $"{Where}: its end is another than that of its tokens.");
        }
    }

    private static unsafe HeldEnd EndOf(LlamaEngine engine, nint data, long bytes, int end)
    {
        var all = new ReadOnlySpan<byte>((byte*)data, (int)bytes);
        if (StateLayout.Learn(all, engine.Model.Streams) is not { } window) return new(0, [all[StateLayout.PrefixBytes..].ToArray()]);
        var count = 1;
        while (window.Size(count) < bytes) count++;
        var rows = window.Open((byte*)data, bytes, end - count, count);
        return new(count, Planes(window, [rows ?? throw new InvalidOperationException("A window has other tokens than the last ones.")]));
    }

    private static unsafe List<byte[]> Planes(StateLayout layout, IReadOnlyList<RowSlice> parts)
    {
        var planes = new List<byte[]>();
        for (var plane = 0; plane < layout.Planes; plane++)
        {
            var bytes = new List<byte>();
            foreach (var part in parts)
                bytes.AddRange(new ReadOnlySpan<byte>(layout.Rows(part, plane), part.Count * layout.RowBytes(plane)));
            planes.Add([.. bytes]);
        }
        return planes;
    }
}

/// <summary>What the end of a state alone decides.</summary>
/// <param name="Rows">Of a window; 0 where it is none.</param>
/// <param name="Planes">By plane where it is rows.</param>
internal sealed record HeldEnd(int Rows, IReadOnlyList<byte[]> Planes);
