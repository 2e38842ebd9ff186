using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Samovar.Testing.Upstreams;

/// <summary>The Messages API of a fake; counts content blocks as items.</summary>
internal sealed class FakeMessages(FakeUpstream upstream)
{
    public async Task HandleAsync(HttpContext context)
    {
        var request = await upstream.ReadAsync(context);
        var fault = upstream.TakeFault();
        if (await FakeRefusal.WriteAsync(context, fault)) return;
        if (await FakeRefusal.WriteAsync(context, HistoryRules.OfMessages(request.Json.GetProperty("messages")))) return;
        if (await FakeRefusal.WriteAsync(context, upstream.Rule?.Invoke(request))) return;
        context.Response.ContentType = "text/event-stream";
        await new FakeStream.Sse(context, namesEvents: true).PlayAsync(upstream, fault, Answer(request.Json));
    }

    /// <summary>Says how long the question is, and refuses what belongs to an answer.</summary>
    public async Task CountAsync(HttpContext context)
    {
        var request = await upstream.ReadAsync(context);
        if (await FakeRefusal.WriteAsync(context, upstream.TakeFault())) return;
        context.Response.ContentType = "application/json";
        if (request.Json.TryGetProperty("max_tokens", out _) || request.Json.TryGetProperty("stream", out _))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync("""
                {"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: Extra inputs are not permitted"}}
                """);
            return;
        }
        var tokens = Seen(request.Json).Sum(block => block.Length);
        await context.Response.WriteAsync($$"""{"input_tokens":{{tokens}}}""");
    }

    private static List<string> Seen(JsonElement request) => request.GetProperty("messages").EnumerateArray()
        .SelectMany(message => FakeMind.Texts(message.GetProperty("content")))
        .Select(block => block.Replace(",\"cache_control\":{\"type\":\"ephemeral\"}", "", StringComparison.Ordinal)).ToList();

    private FakePhases Answer(JsonElement request)
    {
        var seen = Seen(request);
        var tool = request.TryGetProperty("tools", out var tools) ? tools[0].GetProperty("name").GetString() : null;
        var thought = FakeMind.Think(seen, tool);
        var (all, cached) = (seen.Sum(block => block.Length), upstream.Cache.CachedCharacters(seen));
        var start = thought.Text is null
            ? $$$"""{"type":"tool_use","id":"toolu_{{{upstream.Name}}}_{{{seen.Count}}}","name":"{{{thought.ToolName}}}","input":{}}"""
            : """{"type":"text","text":""}""";
        List<string> deltas = thought.Text is { } text
            ? [$$"""{"type":"text_delta","text":"{{text}}"}"""]
            : [$$"""{"type":"input_json_delta","partial_json":{{JsonSerializer.Serialize(FakeMind.ToolArguments)}}}"""];
        return new FakePhases(
            [$$$$"""{"type":"message_start","message":{"id":"msg_1","model":"fake-model","usage":""" +
                $$$$"""{"input_tokens":{{{{all - cached}}}},"cache_read_input_tokens":{{{{cached}}}},"cache_creation_input_tokens":""" +
                $$$$"""0,"output_tokens":1}}}"""],
            [$$$"""{"type":"content_block_start","index":0,"content_block":{{{start}}}}""",
                .. deltas.Select(delta => $$$"""{"type":"content_block_delta","index":0,"delta":{{{delta}}}}""")],
            ["""{"type":"content_block_stop","index":0}"""],
            [$$$"""{"type":"message_delta","delta":{"stop_reason":"{{{(thought.Text is null ? "tool_use" : "end_turn")}}}"}""" +
                $$$""","usage":{"output_tokens":5}}""", """{"type":"message_stop"}"""],
            """{"type":"error","error":{"type":"api_error","message":"It broke."}}""");
    }
}
