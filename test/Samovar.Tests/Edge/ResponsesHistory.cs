using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Samovar.Tests.Edge;

/// <summary>Over Responses, with everything said so far in each request.</summary>
internal sealed class ResponsesHistory(HttpClient http) : HistoryClient(http)
{
    private static readonly JsonArray Tools = JsonNode.Parse("""
        [{"type":"function","name":"look","description":"Looks at a place.","parameters":{"type":"object",
        "properties":{"place":{"type":"string"}},"required":["place"]}}]
        """)!.AsArray();

    protected override string Path => "/v1/responses";

    protected override JsonObject Body() => new()
    {
        ["model"] = "scripted", ["stream"] = true, ["store"] = false, ["instructions"] = Instructions, ["tools"] = Tools.DeepClone(),
        ["input"] = History.DeepClone(),
    };

    protected override JsonNode Output(string callId, string output) =>
        new JsonObject { ["type"] = "function_call_output", ["call_id"] = callId, ["output"] = output };

    protected override void Hear(JsonElement e)
    {
        if (TypeOf(e) == "response.output_text.delta") HeardText();
    }

    protected override HeardTurn Read(IReadOnlyList<JsonElement> events)
    {
        var (text, id, error) = ("", (string?)null, ErrorIn(events));
        foreach (var e in events)
        {
            if (TypeOf(e) == "response.output_text.delta") text += e.GetProperty("delta").GetString();
            if (TypeOf(e) == "error") error = e.GetRawText();
            if (TypeOf(e) == "response.failed") error = e.GetProperty("response").GetProperty("error").GetRawText();
            if (TypeOf(e) != "response.output_item.done") continue;
            var item = JsonNode.Parse(e.GetProperty("item").GetRawText())!;
            if (item["type"]!.GetValue<string>() == "function_call") id = item["call_id"]!.GetValue<string>();
            History.Add(item);
        }
        return new HeardTurn(text, id, error, 0, HttpStatusCode.OK) { IsEnded = events.Any(e => TypeOf(e) == "response.completed") };
    }

    private static string? TypeOf(JsonElement e) => e.TryGetProperty("type", out var type) ? type.GetString() : null;
}
