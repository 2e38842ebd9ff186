using Samovar.Gateway.Destinations;
using Samovar.Gateway.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Wire.Http;

/// <summary>An answer that came in one piece of JSON though a stream was asked for, as the events that a stream would have had.</summary>
internal static class WholeAnswer
{
    public static IEnumerable<RawJson> Events(RawJson answer, DestinationKind kind) => kind switch
    {
        _ when kind.SpeaksResponses() && answer.Text("type"u8) is null && answer.Field("output"u8).IsSet() => [OfResponse(answer)],
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
}
