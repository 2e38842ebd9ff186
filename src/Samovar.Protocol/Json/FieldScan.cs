#pragma warning disable RS0030 // a part of the one reader: all fields of a small object in one pass
using System.Text;
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

    /// <summary>Whether the name must be decoded before it means anything.</summary>
    public bool IsNameEscaped { get; private set; }

    public RawJson Value { get; private set; }

    /// <summary>Whether the value is a string.</summary>
    public readonly bool IsText => _reader.TokenType == JsonTokenType.String;

    /// <summary>The value, which is a string, decoded.</summary>
    public string Text => JsonText.Read(ref _reader);

    /// <summary>The value, which is a piece of a text, decoded.</summary>
    public string Piece => JsonText.ReadPiece(ref _reader);

    /// <summary>The value, which is a string, as it is written between its quotes.</summary>
    public readonly ReadOnlySpan<byte> WrittenText => _reader.ValueSpan;

    /// <summary>Whether the value is this string.</summary>
    public bool Is(string text) => IsText
        && (!_reader.ValueIsEscaped && Ascii.IsValid(text) ? Ascii.Equals(_reader.ValueSpan, text) : Text == text);

    public bool Next()
    {
        if (!_isObject || !_reader.Read() || _reader.TokenType != JsonTokenType.PropertyName) return false;
        Name = _reader.ValueSpan;
        IsNameEscaped = _reader.ValueIsEscaped;
        _reader.Read();
        var start = (int)_reader.TokenStartIndex;
        _reader.Skip();
        Value = new RawJson(_json.Utf8[start..(int)_reader.BytesConsumed]);
        return true;
    }
}
