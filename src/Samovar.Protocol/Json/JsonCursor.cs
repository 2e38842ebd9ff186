#pragma warning disable RS0030 // this is the one reader
using System.Text;
using System.Text.Json;
using Samovar.Protocol.Errors;

namespace Samovar.Protocol.Json;

/// <summary>One pass over a JSON text that keeps slices of it and knows its place for errors.</summary>
/// <remarks>
/// The input must be valid UTF-8 (<see cref="JsonInput.Check"/>). Broken JSON comes out as <see cref="JsonException"/>;
/// <see cref="JsonInput.Explain"/> turns it into an error of the catalogue.
/// </remarks>
internal ref struct JsonCursor
{
    private readonly ReadOnlyMemory<byte> _utf8;
    private Utf8JsonReader _reader;
    private JsonPath _path;

    public JsonCursor(ReadOnlyMemory<byte> utf8, ProtocolLimits limits)
    {
        _utf8 = utf8;
        Limits = limits;
        _reader = new Utf8JsonReader(utf8.Span, new JsonReaderOptions { MaxDepth = limits.DepthMax });
    }

    public ProtocolLimits Limits { get; }
    public JsonTokenType Token => _reader.TokenType;
    public bool IsNull => _reader.TokenType == JsonTokenType.Null;

    /// <summary>Where the current token starts; give it to <see cref="Since"/> at the value's end.</summary>
    public int Start => (int)_reader.TokenStartIndex;
    public string Path => _path.ToString();

    public void Push(string name) => _path.Push(name);
    public void Push(int index) => _path.Push(index);
    public void Pop() => _path.Pop();

    /// <summary>Goes to the next token.</summary>
    public void Read() => _reader.Read();

    /// <summary>The text's end: what follows the root value is an error.</summary>
    public void ReadEnd() => _reader.Read();

    /// <summary>Goes to the end of the current value.</summary>
    public void Skip() => _reader.Skip();

    /// <summary>Passes over the value and keeps it.</summary>
    public RawJson Raw()
    {
        var start = Start;
        _reader.Skip();
        return Since(start);
    }

    /// <summary>From a value's start to the end of the current token.</summary>
    public RawJson Since(int start) => new(_utf8[start..(int)_reader.BytesConsumed]);

    /// <summary>Where the current token ends; on a field's name, give it to <see cref="ValueSince"/> at the value's end.</summary>
    public int End => (int)_reader.BytesConsumed;

    /// <summary>The field's value alone, from the end of its name to the end of the current token.</summary>
    public RawJson ValueSince(int nameEnd)
    {
        var space = _utf8.Span[nameEnd..].IndexOfAnyExcept(" \t\r\n:"u8);
        return Since(nameEnd + space);
    }

    /// <summary>In an object: goes to the next field's name; false at the object's end.</summary>
    public bool NextField()
    {
        _reader.Read();
        return _reader.TokenType != JsonTokenType.EndObject;
    }

    /// <summary>In an array: goes to the next element; false at the array's end.</summary>
    public bool NextElement()
    {
        _reader.Read();
        return _reader.TokenType != JsonTokenType.EndArray;
    }

    /// <summary>The field's name, escapes decoded.</summary>
    public ReadOnlySpan<byte> Name => _reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(JsonText.Read(ref _reader)) : _reader.ValueSpan;

    /// <summary>The current string or field name.</summary>
    public string Text => JsonText.Read(ref _reader);

    /// <summary>The current number, as it is written.</summary>
    public ReadOnlySpan<byte> NumberText => _reader.ValueSpan;

    public bool TryGetInt64(out long value) => _reader.TryGetInt64(out value);
    public bool TryGetDouble(out double value) => _reader.TryGetDouble(out value);

    /// <summary>The string of field <paramref name="name"/> in the current object, wherever the field is; null when it is
    /// missing or null.</summary>
    /// <remarks>Costs nothing worth naming where the field comes first, which is the habit for tags.</remarks>
    public string? Peek(string name, ReadOnlySpan<byte> utf8Name)
    {
        this.Expect(JsonTokenType.StartObject, "an object");
        var ahead = this;
        while (ahead.NextField())
        {
            var isFound = ahead.Name.SequenceEqual(utf8Name);
            ahead.Read();
            if (!isFound)
            {
                ahead.Skip();
                continue;
            }
            if (ahead.IsNull) return null;
            if (ahead.Token == JsonTokenType.String) return ahead.Text;
            ahead.Push(name);
            throw ahead.WrongType("a string");
        }
        return null;
    }

    /// <summary>Whether the current object has the field.</summary>
    public bool Has(ReadOnlySpan<byte> utf8Name)
    {
        var ahead = this;
        while (ahead.NextField())
        {
            if (ahead.Name.SequenceEqual(utf8Name)) return true;
            ahead.Read();
            ahead.Skip();
        }
        return false;
    }

    /// <summary>Writes the current value without white space between tokens, and leaves the cursor on its end.</summary>
    public void WriteCompact(Utf8JsonWriter writer)
    {
        for (var depth = 0; ; Read())
        {
            switch (Token)
            {
                case JsonTokenType.StartObject: writer.WriteStartObject(); break;
                case JsonTokenType.EndObject: writer.WriteEndObject(); break;
                case JsonTokenType.StartArray: writer.WriteStartArray(); break;
                case JsonTokenType.EndArray: writer.WriteEndArray(); break;
                case JsonTokenType.PropertyName: writer.WritePropertyName(Text); break;
                case JsonTokenType.String: writer.WriteStringValue(Text); break;
                default: writer.WriteRawValue(_reader.ValueSpan, skipInputValidation: true); break;
            }
            if (Token is JsonTokenType.StartObject or JsonTokenType.StartArray) depth++;
            else if (Token is JsonTokenType.EndObject or JsonTokenType.EndArray) depth--;
            if (depth == 0) return;
        }
    }

    /// <summary>An error about the current place.</summary>
    public ApiException Fail(ErrorKind kind, params object?[] arguments) =>
        new(kind, arguments, Path is { Length: > 0 } path ? path : null);
}
