#pragma warning disable RS0030 // a part of the one reader: all fields of a small object in one pass
using System.Text.Json;

namespace Samovar.Protocol.Json;

/// <summary>The fields of a JSON object one after another, as slices of its UTF-8; none where the value is not an object.</summary>
internal ref struct FieldScan
{
    private static readonly JsonReaderOptions AnyDepth = new() { MaxDepth = int.MaxValue };
    private readonly RawJson _json;
    private readonly bool _isObject;
    private Utf8JsonReader _reader;

    public FieldScan(RawJson json)
    {
        _json = json;
        _reader = new Utf8JsonReader(json.Utf8.Span, AnyDepth);
        _isObject = !json.IsEmpty && _reader.Read() && _reader.TokenType == JsonTokenType.StartObject;
    }

    /// <summary>The field's name as it is written.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    public RawJson Value { get; private set; }

    public bool Next()
    {
        if (!_isObject || !_reader.Read() || _reader.TokenType != JsonTokenType.PropertyName) return false;
        Name = _reader.ValueSpan;
        _reader.Read();
        var start = (int)_reader.TokenStartIndex;
        _reader.Skip();
        Value = new RawJson(_json.Utf8[start..(int)_reader.BytesConsumed]);
        return true;
    }
}
