#pragma warning disable RS0030 // a part of the one reader: the fields of an object that is asked for several of them
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Samovar.Protocol.Json;

/// <summary>The fields of a JSON object, found in one pass; none where the value is not an object.</summary>
/// <remarks>What is not JSON, or nests deeper than a peer's text may, comes out as <see cref="JsonException"/>.</remarks>
internal readonly struct ObjectFields
{
    private const int FoundMax = 24;
    private static readonly JsonReaderOptions OfPeer = new() { MaxDepth = ProtocolLimits.Peer.DepthMax };
    private readonly Places _places;
    private readonly int _count;
    private readonly bool _isPartial; // others are looked for in the text

    public ObjectFields(RawJson json)
    {
        Json = json;
        if (json.IsEmpty) return;
        var reader = new Utf8JsonReader(json.Utf8.Span, OfPeer);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (_count == FoundMax || reader.ValueIsEscaped)
            {
                _isPartial = true;
                return;
            }
            var (name, length) = ((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            _places[_count++] = new Place(name, length, start, (int)reader.BytesConsumed);
        }
    }

    /// <summary>The object itself.</summary>
    public RawJson Json { get; }

    /// <inheritdoc cref="RawFields.Field"/>
    public RawJson Field(ReadOnlySpan<byte> name)
    {
        var utf8 = Json.Utf8.Span;
        for (var i = 0; i < _count; i++)
        {
            var place = _places[i];
            if (place.NameLength == name.Length && utf8.Slice(place.Name, name.Length).SequenceEqual(name))
                return new RawJson(Json.Utf8[place.Start..place.End]);
        }
        return _isPartial ? Json.Field(name) : default;
    }

    /// <inheritdoc cref="RawFields.Text"/>
    public string? Text(ReadOnlySpan<byte> name) => Field(name).AsText();

    /// <inheritdoc cref="RawFields.Piece"/>
    public string? Piece(ReadOnlySpan<byte> name) => Field(name).AsPiece();

    /// <inheritdoc cref="RawFields.Number"/>
    public int? Number(ReadOnlySpan<byte> name) => Field(name).AsNumber();

    private readonly record struct Place(int Name, int NameLength, int Start, int End);

    [InlineArray(FoundMax)]
    private struct Places { private Place _first; }
}
