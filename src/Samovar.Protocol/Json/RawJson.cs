using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Samovar.Protocol.Json;

/// <summary>The UTF-8 text of one complete JSON value, kept as it came in. Equal when the bytes are equal.</summary>
public readonly record struct RawJson(ReadOnlyMemory<byte> Utf8)
{
    public static readonly RawJson Null = Of("null");
    public static readonly RawJson EmptyArray = Of("[]");
    public static readonly RawJson EmptyObject = Of("{}");

    public static RawJson Of(string json) => new(Encoding.UTF8.GetBytes(json));

    /// <summary>Nothing is there, not even <c>null</c>.</summary>
    public bool IsEmpty => Utf8.IsEmpty;

    public bool IsArray => Utf8.Span.TrimStart(" \t\r\n"u8) is [(byte)'[', ..];
    public bool IsObject => Utf8.Span.TrimStart(" \t\r\n"u8) is [(byte)'{', ..];
    public bool IsNull => Utf8.Span.SequenceEqual("null"u8);

    /// <summary>The same text in memory of its own, so that the frame it came in can be let go.</summary>
    public RawJson Copy() => IsEmpty ? this : new(Utf8.ToArray());

    /// <summary>
    /// The same text, in memory of its own where what it is a slice of is mostly something else: one small value must not keep a whole
    /// frame alive. A buffer that is used for the most part is cheaper left whole.
    /// </summary>
    /// <param name="used">Bytes of that buffer that are kept in all; this value's own by default.</param>
    public RawJson Detach(long used = 0)
    {
        if (IsEmpty || !MemoryMarshal.TryGetArray(Utf8, out var slice) || slice.Array is not { } whole) return this;
        return 4 * Math.Max(used, Utf8.Length) >= 3L * whole.Length ? this : Copy();
    }

    /// <summary>The same text as a slice of a copy of the text that it is a slice of.</summary>
    internal RawJson MovedTo(RawJson copy, RawJson whole) => whole.Utf8.Span.Overlaps(Utf8.Span, out var at)
        ? new(copy.Utf8.Slice(at, Utf8.Length))
        : Detach();

    /// <summary>The same text without halves of surrogate pairs.</summary>
    public RawJson Mended() => new(HalfPairs.Mend(Utf8));

    /// <summary>Writes the value as it stands; <c>null</c> where nothing is there.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        if (IsEmpty) writer.WriteNullValue();
        else writer.WriteRawValue(Utf8.Span, skipInputValidation: true);
    }

    public bool Equals(RawJson other) => Utf8.Span.SequenceEqual(other.Utf8.Span);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Utf8.Span);
        return hash.ToHashCode();
    }

    public override string ToString() => Encoding.UTF8.GetString(Utf8.Span);
}
