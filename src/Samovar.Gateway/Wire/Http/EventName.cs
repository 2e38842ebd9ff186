using System.Text;
using System.Text.Json;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Wire.Http;

/// <summary>What is in an event's <c>event:</c> line: some put the type of the event there alone.</summary>
internal sealed class EventName
{
    private const int LengthMax = 128; // longer is not an event type
    private byte[] _name = []; // most streams name no event
    private int _length;

    public void Clear() => _length = 0;

    public void Set(ReadOnlySpan<byte> name)
    {
        name = name.Trim(" \t"u8);
        _length = name.Length <= LengthMax && Ascii.IsValid(name) ? name.Length : 0;
        if (_length > _name.Length) _name = new byte[LengthMax];
        name[.._length].CopyTo(_name);
    }

    /// <summary>Whether the line says that the event is only a sign of life.</summary>
    public bool IsSignOfLife => _length > 0 && SseData.IsSignOfLife(_name.AsSpan(0, _length));

    /// <summary>Whether the line says that the event is an error.</summary>
    public bool IsError => _name.AsSpan(0, _length).SequenceEqual("error"u8);

    /// <summary>An error event in plain words, as every API would have it.</summary>
    public static RawJson ErrorOf(RawJson words) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "error"u8);
        writer.WriteStartObject("error"u8);
        writer.WriteString("message"u8, Encoding.UTF8.GetString(words.Utf8.Span.Trim("\""u8)));
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    /// <summary>The data with its type inside, where only the line named it.</summary>
    public RawJson Typed(RawJson data, DestinationKind kind)
    {
        var name = _name.AsSpan(0, _length);
        if (name.IsEmpty || name.SequenceEqual("message"u8) || data.Utf8.Span[0] != (byte)'{') return data;
        if (kind == DestinationKind.Chat) return name.SequenceEqual("error"u8) ? Error(data) : data;
        return data.Utf8.Span.StartsWith("{\"type\":"u8) || data.Field("type"u8).IsSet() ? data : WithType(data);
    }

    private RawJson WithType(RawJson data)
    {
        var type = JsonEncodedText.Encode(_name.AsSpan(0, _length)).EncodedUtf8Bytes;
        var isEmpty = data.Utf8.Span[1..].TrimStart(" \t\r\n"u8) is [(byte)'}', ..];
        return new RawJson((byte[])[.. "{\"type\":\""u8, .. type, .. isEmpty ? "\""u8 : "\","u8, .. data.Utf8.Span[1..]]);
    }

    /// <summary>A chunk that is an error by its name alone.</summary>
    private static RawJson Error(RawJson data) => data.Field("error"u8).IsSet() ? data
        : new RawJson((byte[])[.. "{\"error\":"u8, .. data.Utf8.Span, .. "}"u8]);
}
