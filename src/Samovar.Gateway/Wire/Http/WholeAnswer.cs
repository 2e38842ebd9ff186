using Samovar.Gateway.Destinations;
using Samovar.Gateway.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Wire.Http;

/// <summary>An answer that came in one piece of JSON though a stream was asked for, as the events that a stream would have had.</summary>
internal static class WholeAnswer
{
    public static IEnumerable<RawJson> Events(RawJson answer, DestinationKind kind) => kind switch
    {
        DestinationKind.Messages when answer.Text("type"u8) == "message" => OfMessage(answer),
        DestinationKind.ResponsesHttp or DestinationKind.ResponsesWs
            when answer.Text("type"u8) is null && answer.Field("output"u8).IsSet() => [OfResponse(answer)],
        _ => [answer],
    };

    private static RawJson OfResponse(RawJson response) => JsonBytes.Write(writer =>
    {
        var status = response.Text("status"u8) ?? "completed";
        writer.WriteStartObject();
        writer.WriteString("type"u8, status is "incomplete" or "completed" ? "response." + status : "response.failed");
        writer.Raw("response"u8, response);
        writer.WriteEndObject();
    });

    private static IEnumerable<RawJson> OfMessage(RawJson message)
    {
        yield return Event("message_start", ("message", message));
        var index = 0;
        foreach (var block in message.Field("content"u8).Elements())
        {
            var place = RawJson.Of((index++).ToString(System.Globalization.CultureInfo.InvariantCulture));
            yield return Event("content_block_start", ("index", place), ("content_block", block));
            foreach (var delta in Deltas(block)) yield return Event("content_block_delta", ("index", place), ("delta", delta));
            yield return Event("content_block_stop", ("index", place));
        }
        yield return Event("message_delta", ("delta", Stop(message)), ("usage", message.Field("usage"u8)));
        yield return Event("message_stop");
    }

    /// <summary>What a block holds that a stream sends as deltas; text is in the block itself.</summary>
    private static IEnumerable<RawJson> Deltas(RawJson block)
    {
        if (block.Field("input"u8) is { IsEmpty: false } input)
            yield return Event("input_json_delta", ("partial_json", JsonBytes.Quote(input.ToString())));
        if (block.Field("thinking"u8) is { IsEmpty: false } thinking) yield return Event("thinking_delta", ("thinking", thinking));
        if (block.Field("signature"u8) is { IsEmpty: false } signature) yield return Event("signature_delta", ("signature", signature));
    }

    private static RawJson Stop(RawJson message) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        foreach (var name in (string[])["stop_reason", "stop_sequence"])
            if (message.Text(System.Text.Encoding.UTF8.GetBytes(name)) is { } value) writer.WriteString(name, value);
        writer.WriteEndObject();
    });

    private static RawJson Event(string type, params (string Name, RawJson Value)[] fields) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
        foreach (var (name, value) in fields)
        {
            if (value.IsEmpty) continue;
            writer.WritePropertyName(name);
            writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
        }
        writer.WriteEndObject();
    });
}
