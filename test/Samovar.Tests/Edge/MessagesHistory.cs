using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Samovar.Tests.Edge;

/// <summary>Over Anthropic's Messages.</summary>
internal sealed class MessagesHistory(HttpClient http) : HistoryClient(http)
{
    private static readonly JsonArray Tools = JsonNode.Parse("""
        [{"name":"look","description":"Looks at a place.","input_schema":{"type":"object",
        "properties":{"place":{"type":"string"}},"required":["place"]}}]
        """)!.AsArray();

    protected override string Path => "/v1/messages";

    protected override JsonObject Body() => new()
    {
        ["model"] = "scripted", ["stream"] = true, ["max_tokens"] = 4000, ["system"] = Instructions, ["tools"] = Tools.DeepClone(),
        ["messages"] = History.DeepClone(),
    };

    protected override JsonNode Output(string callId, string output) => new JsonObject
    {
        ["role"] = "user",
        ["content"] = new JsonArray(new JsonObject { ["type"] = "tool_result", ["tool_use_id"] = callId, ["content"] = output }),
    };

    protected override void Hear(JsonElement e)
    {
        if (TypeOf(e) == "content_block_delta" && e.GetProperty("delta").TryGetProperty("text", out _)) HeardText();
    }

    protected override HeardTurn Read(IReadOnlyList<JsonElement> events)
    {
        var (text, id, isEnded) = ("", (string?)null, false);
        var content = new JsonArray();
        var input = "";
        foreach (var e in events)
        {
            switch (TypeOf(e))
            {
                case "content_block_start":
                    content.Add(JsonNode.Parse(e.GetProperty("content_block").GetRawText()));
                    if (content[^1]!["type"]!.GetValue<string>() == "tool_use") id = content[^1]!["id"]!.GetValue<string>();
                    break;
                case "content_block_delta" when e.GetProperty("delta").TryGetProperty("text", out var piece):
                    text += piece.GetString();
                    content[^1]!["text"] = text;
                    break;
                case "content_block_delta" when e.GetProperty("delta").TryGetProperty("partial_json", out var piece):
                    input += piece.GetString();
                    break;
                case "message_stop": isEnded = true; break;
            }
        }
        if (id is not null && input.Length > 0 && isEnded)
            content.Single(block => block!["type"]!.GetValue<string>() == "tool_use")!["input"] = JsonNode.Parse(input);
        if (isEnded) History.Add(new JsonObject { ["role"] = "assistant", ["content"] = content });
        return new HeardTurn(text, id, ErrorIn(events), 0, HttpStatusCode.OK) { IsEnded = isEnded };
    }

    private static string? TypeOf(JsonElement e) => e.TryGetProperty("type", out var type) ? type.GetString() : null;
}
