using System.Text.Json;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Events;

/// <summary>Adds a field to an event that is written already: the log holds one copy for all its readers.</summary>
public static class EventSplice
{
    /// <summary>The event with <c>stream_id</c> at its end.</summary>
    /// <param name="laneName">A valid name; it needs no escapes.</param>
    public static byte[] WithStreamId(ReadOnlyMemory<byte> eventJson, string laneName)
    {
        Span<byte> name = stackalloc byte[Ids.LaneId.NameCharsMax + 2];
        name[0] = (byte)'"';
        var written = System.Text.Encoding.ASCII.GetBytes(laneName, name[1..^1]);
        name[written + 1] = (byte)'"';
        return With(eventJson.Span, ",\"stream_id\":"u8, name[..(written + 2)]);
    }

    /// <summary>The terminal event with <c>output</c> at its top level, where the simplest clients read it.</summary>
    public static byte[] WithOutput(ReadOnlyMemory<byte> eventJson, ReadOnlyMemory<byte> outputArray) =>
        With(eventJson.Span, ",\"output\":"u8, outputArray.Span);

    /// <summary>As above, with the <c>output</c> of the event's own response.</summary>
    public static byte[] WithOutput(ReadOnlyMemory<byte> eventJson) => WithOutput(eventJson, OutputOf(eventJson).Utf8);

    /// <summary>The slice <c>response.output</c> of an event written here; <c>[]</c> where there is none.</summary>
    public static RawJson OutputOf(ReadOnlyMemory<byte> eventJson)
    {
        var reader = new Utf8JsonReader(eventJson.Span);
        return Enter(ref reader, "response"u8) && Enter(ref reader, "output"u8) ? Slice(ref reader, eventJson) : RawJson.EmptyArray;
    }

    private static RawJson Slice(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return new RawJson(json[start..(int)reader.BytesConsumed]);
    }

    /// <summary>Goes to the value of a field of the object that comes next or is stood on.</summary>
    private static bool Enter(ref Utf8JsonReader reader, ReadOnlySpan<byte> field)
    {
        if (reader.TokenType == JsonTokenType.None) reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isFound = reader.ValueTextEquals(field);
            reader.Read();
            if (isFound) return true;
            reader.Skip();
        }
        return false;
    }

    private static byte[] With(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (json.Length < 3 || json[^1] != (byte)'}') throw new ArgumentException("An event is a JSON object with a type.", nameof(json));
        var spliced = new byte[json.Length + name.Length + value.Length];
        json[..^1].CopyTo(spliced);
        name.CopyTo(spliced.AsSpan(json.Length - 1));
        value.CopyTo(spliced.AsSpan(json.Length - 1 + name.Length));
        spliced[^1] = (byte)'}';
        return spliced;
    }
}
