using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Events;

/// <summary>Adds a field to an event that is written already: the log holds one copy for all its readers.</summary>
public static class EventSplice
{
    /// <summary>The event with <c>stream_id</c> at its end.</summary>
    /// <param name="laneName">A valid name; it needs no escapes.</param>
    public static byte[] WithStreamId(ReadOnlyMemory<byte> eventJson, string laneName)
    {
        Span<byte> name = stackalloc byte[LaneId.NameCharsMax + 2];
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

    /// <summary>The slice <c>response.output</c> of an event written here; <c>[]</c> if absent.</summary>
    public static RawJson OutputOf(ReadOnlyMemory<byte> eventJson)
    {
        var output = ResponseOf(eventJson).OwnField("output"u8);
        return output.IsEmpty ? RawJson.EmptyArray : output;
    }

    /// <summary>The slice <c>response</c> of an event that carries one. It may nest deeper than the request did that it echoes.</summary>
    public static RawJson ResponseOf(ReadOnlyMemory<byte> eventJson) => new RawJson(eventJson).OwnField("response"u8);

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
