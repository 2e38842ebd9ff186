using System.Runtime.InteropServices;

namespace Samovar.Engine.States;

/// <summary>State rows of consecutive tokens, wherever they lie: planes one after another, in each plane one row per token.</summary>
/// <param name="Data">Where the first plane begins (or its header, see <paramref name="Gap"/>).</param>
/// <param name="Capacity">Tokens that each plane holds.</param>
/// <param name="Gap">Bytes in front of each plane that are not rows.</param>
/// <param name="First">The slice's first token within the planes.</param>
/// <param name="Count">Tokens of the slice.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RowSlice(nint Data, int Capacity, int Gap, int First, int Count)
{
    /// <summary>A part of this slice, counted from its first token.</summary>
    public RowSlice Part(int first, int count) => this with { First = First + first, Count = count };
}
