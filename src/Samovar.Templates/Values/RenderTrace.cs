using System.Runtime.InteropServices;

namespace Samovar.Templates.Values;

/// <summary>
/// Which way a render went: every condition's truth, every answer of yes or no, every loop's length, in their order and with their places.
/// Two renders of equal traces wrote the same pieces of the template.
/// </summary>
internal sealed class RenderTrace : IEquatable<RenderTrace>
{
    private const ulong Start = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    private ulong _hash = Start;
    private long _count;

    /// <summary>Notes what is done with texts, too; null where nobody asks.</summary>
    public TextWatch? Watch { get; init; }

    /// <summary>Whether both went the same way.</summary>
    public bool Equals(RenderTrace? other) => other is not null && _hash == other._hash && _count == other._count;

    public override bool Equals(object? obj) => obj is RenderTrace other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_hash, _count);

    /// <summary>At this place of the source something was true, or not.</summary>
    public void Note(int offset, bool truth) => Add(offset, truth ? 1 : 0);

    /// <summary>At this place a loop had so many items.</summary>
    public void NoteItems(int offset, int count) => Add(offset, count + 2L);

    private void Add(int offset, long what)
    {
        _count++;
        foreach (var part in MemoryMarshal.AsBytes<long>([offset, what])) _hash = (_hash ^ part) * Prime;
    }
}
