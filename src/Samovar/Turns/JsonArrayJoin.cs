using System.Buffers;
using Samovar.Protocol.Json;

namespace Samovar.Turns;

/// <summary>Joins JSON arrays that come in pieces into one, by their bytes.</summary>
internal sealed class JsonArrayJoin
{
    private readonly ArrayBufferWriter<byte> _elements = new();

    /// <param name="array">One whole JSON array, or nothing.</param>
    public void Add(RawJson array)
    {
        if (array.IsEmpty) return;
        var elements = array.Utf8.Span.Trim(" \t\r\n"u8);
        if (elements.Length < 2 || elements[0] != '[' || elements[^1] != ']')
            throw new ArgumentException("Not a JSON array.", nameof(array));
        elements = elements[1..^1].Trim(" \t\r\n"u8);
        Append(elements);
    }

    /// <param name="element">One more JSON value.</param>
    public void AddOne(RawJson element) => Append(element.Utf8.Span);

    private void Append(ReadOnlySpan<byte> elements)
    {
        if (elements.IsEmpty) return;
        if (_elements.WrittenCount > 0) _elements.Write(","u8);
        _elements.Write(elements);
    }

    /// <summary>The joined array, empty when nothing came; then starts over.</summary>
    public RawJson Take()
    {
        if (_elements.WrittenCount == 0) return default;
        byte[] joined = [(byte)'[', .. _elements.WrittenSpan, (byte)']'];
        _elements.ResetWrittenCount();
        return new RawJson(joined);
    }
}
