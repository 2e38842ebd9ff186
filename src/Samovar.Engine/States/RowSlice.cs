using System.Runtime.InteropServices;

namespace Samovar.Engine.Parking;

/// <summary>State rows of consecutive tokens, wherever they lie: planes one after another, in each plane one row per token.</summary>
/// <param name="Data">Where the first plane begins (or its header, see <paramref name="Gap"/>).</param>
/// <param name="Capacity">Tokens that each plane holds.</param>
/// <param name="Gap">Bytes in front of each plane that are not rows.</param>
/// <param name="First">The slice's first token within the planes.</param>
/// <param name="Count">Tokens of the slice.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly unsafe record struct RowSlice(nint Data, int Capacity, int Gap, int First, int Count)
{
    /// <summary>A part of this slice, counted from its first token.</summary>
    public RowSlice Part(int first, int count) => this with { First = First + first, Count = count };

    /// <summary>The slice's first row in a plane.</summary>
    public byte* Rows(StateLayout layout, int plane) =>
        (byte*)Data + layout.BytesBefore(plane) * Capacity + (long)Gap * (plane + 1) + (long)First * layout.RowBytes(plane);

    /// <summary>Copies the rows of every plane to another place of the same length.</summary>
    public void CopyTo(RowSlice target, StateLayout layout)
    {
        if (target.Count != Count) throw new ArgumentException("Slices of different lengths.", nameof(target));
        for (var plane = 0; plane < layout.Planes; plane++)
        {
            var bytes = (long)Count * layout.RowBytes(plane);
            Buffer.MemoryCopy(Rows(layout, plane), target.Rows(layout, plane), bytes, bytes);
        }
    }
}
