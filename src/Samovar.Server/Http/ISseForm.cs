using System.Buffers;
using System.Text;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;
using Samovar.Protocol.Translation;
using Samovar.Turns;

namespace Samovar.Server.Http;

/// <summary>How a turn's events stand in an event stream.</summary>
internal interface ISseForm
{
    /// <summary>Writes one event of the turn: one, several or none of the stream.</summary>
    /// <returns>Bytes of their JSON.</returns>
    int Write(in LoggedEvent e, IBufferWriter<byte> body);

    /// <summary>Writes why the turn was refused, in a stream that had to begin before the turn did.</summary>
    void WriteRefusal(ApiException error, IBufferWriter<byte> body);

    /// <summary>What ends the stream.</summary>
    ReadOnlyMemory<byte> End { get; }

    /// <summary>What fills a long silence.</summary>
    ReadOnlyMemory<byte> Silence { get; }
}

/// <summary>The events as they are.</summary>
internal sealed class ResponsesSse : ISseForm
{
    public static readonly ResponsesSse Instance = new();
    private static readonly byte[] Done = [.. "data: [DONE]\n\n"u8];
    private static readonly byte[] Comment = [.. ": keep-alive\n\n"u8];

    public ReadOnlyMemory<byte> End => Done;
    public ReadOnlyMemory<byte> Silence => Comment;

    public int Write(in LoggedEvent e, IBufferWriter<byte> body)
    {
        if (e.Event is null) return Write(body, e.Type, e.Written.Span);
        using var text = JsonBuffer.Rent();
        e.WriteTo(text.Writer);
        return Write(body, e.Type, text.Written);
    }

    public void WriteRefusal(ApiException error, IBufferWriter<byte> body) => SseText.Write(body, "error", ErrorBody.Event(error));

    private static int Write(IBufferWriter<byte> body, string type, ReadOnlySpan<byte> json)
    {
        SseText.Write(body, type, json);
        return json.Length;
    }
}

/// <summary>The events in the form of another protocol.</summary>
internal sealed class TranslatedSse(IAnswerTranslator translator, ResponseEventOptions options) : ISseForm
{
    private readonly List<WireEvent> _events = [];

    public ReadOnlyMemory<byte> End => translator.StreamEnd;
    public ReadOnlyMemory<byte> Silence => translator.Silence;

    public int Write(in LoggedEvent e, IBufferWriter<byte> body)
    {
        _events.Clear();
        translator.Translate(e.ViewAs(options), _events);
        var bytes = 0;
        foreach (var (name, json) in _events)
        {
            SseText.Write(body, name, json.Span);
            bytes += json.Length;
        }
        return bytes;
    }

    public void WriteRefusal(ApiException error, IBufferWriter<byte> body)
    {
        var (name, json) = translator.Refused(error);
        SseText.Write(body, name, json.Span);
    }
}

/// <summary>One server-sent event as text.</summary>
internal static class SseText
{
    /// <param name="name">Null for an event without a name.</param>
    /// <param name="json">Line breaks between its tokens, as clients and upstreams lay their JSON out, are written as spaces.</param>
    public static void Write(IBufferWriter<byte> body, string? name, ReadOnlySpan<byte> json)
    {
        var span = body.GetSpan(7 + Encoding.UTF8.GetMaxByteCount(name?.Length ?? 0) + 7 + json.Length + 2);
        var length = 0;
        if (name is not null)
        {
            Append(span, "event: "u8, ref length);
            length += OneLine(span.Slice(length, Encoding.UTF8.GetBytes(name, span[length..])));
            Append(span, "\n"u8, ref length);
        }
        Append(span, "data: "u8, ref length);
        Append(span, json, ref length);
        OneLine(span.Slice(length - json.Length, json.Length));
        Append(span, "\n\n"u8, ref length);
        body.Advance(length);
    }

    /// <summary>A line break would end the event's line.</summary>
    private static int OneLine(Span<byte> text)
    {
        text.Replace((byte)'\n', (byte)' ');
        text.Replace((byte)'\r', (byte)' ');
        return text.Length;
    }

    private static void Append(Span<byte> span, ReadOnlySpan<byte> bytes, ref int length)
    {
        bytes.CopyTo(span[length..]);
        length += bytes.Length;
    }
}
