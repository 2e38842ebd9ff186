using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Samovar.Tests.Edge;

/// <summary>Over Chat Completions.</summary>
internal sealed class ChatHistory(HttpClient http) : HistoryClient(http)
{
    private static readonly JsonArray Tools = JsonNode.Parse("""
        [{"type":"function","function":{"name":"look","description":"Looks at a place.","parameters":{"type":"object",
        "properties":{"place":{"type":"string"}},"required":["place"]}}}]
        """)!.AsArray();

    protected override string Path => "/v1/chat/completions";

    protected override JsonObject Body() => new()
    {
        ["model"] = "scripted", ["stream"] = true, ["tools"] = Tools.DeepClone(),
        ["messages"] = new JsonArray([
            new JsonObject { ["role"] = "system", ["content"] = Instructions }, .. History.Select(message => message!.DeepClone())]),
    };

    protected override JsonNode Output(string callId, string output) =>
        new JsonObject { ["role"] = "tool", ["tool_call_id"] = callId, ["content"] = output };

    protected override void Hear(JsonElement e)
    {
        if (Delta(e) is { } delta && delta.TryGetProperty("content", out var text) && text.ValueKind == JsonValueKind.String) HeardText();
    }

    protected override HeardTurn Read(IReadOnlyList<JsonElement> events)
    {
        var (text, arguments, id, name, isEnded) = ("", "", (string?)null, (string?)null, false);
        foreach (var e in events)
        {
            if (Delta(e) is not { } delta) continue;
            if (delta.TryGetProperty("content", out var piece) && piece.ValueKind == JsonValueKind.String) text += piece.GetString();
            if (delta.TryGetProperty("tool_calls", out var calls) && calls.ValueKind == JsonValueKind.Array)
            {
                if (calls[0].TryGetProperty("id", out var own)) id = own.GetString() ?? id;
                if (calls[0].GetProperty("function").TryGetProperty("name", out var named)) name = named.GetString() ?? name;
                if (calls[0].GetProperty("function").TryGetProperty("arguments", out var more)) arguments += more.GetString();
            }
            isEnded |= e.GetProperty("choices")[0].TryGetProperty("finish_reason", out var reason)
                && reason.ValueKind == JsonValueKind.String;
        }
        var message = new JsonObject { ["role"] = "assistant", ["content"] = text };
        if (id is not null)
            message["tool_calls"] = new JsonArray(new JsonObject
            {
                ["id"] = id, ["type"] = "function", ["function"] = new JsonObject { ["name"] = name, ["arguments"] = arguments },
            });
        if (isEnded) History.Add(message);
        return new HeardTurn(text, id, ErrorIn(events), 0, HttpStatusCode.OK) { IsEnded = isEnded };
    }

    private static JsonElement? Delta(JsonElement e) =>
        e.TryGetProperty("choices", out var choices) && choices.GetArrayLength() > 0 && choices[0].TryGetProperty("delta", out var delta)
            ? delta : null;
}
