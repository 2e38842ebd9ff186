using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Samovar.Testing.Upstreams;

/// <summary>The Chat Completions API of a fake: without any memory but its cache.</summary>
internal sealed class FakeChat(FakeUpstream upstream)
{
    public async Task HandleAsync(HttpContext context)
    {
        var request = await upstream.ReadAsync(context);
        var fault = upstream.TakeFault();
        if (await FakeRefusal.WriteAsync(context, fault)) return;
        if (await FakeRefusal.WriteAsync(context, HistoryRules.OfChat(request.Json.GetProperty("messages")))) return;
        context.Response.ContentType = "text/event-stream";
        await new FakeStream.Sse(context, namesEvents: false).PlayAsync(upstream, fault, Answer(request.Json));
    }

    private FakePhases Answer(JsonElement request)
    {
        var seen = FakeMind.Texts(request.GetProperty("messages"));
        var tool = request.TryGetProperty("tools", out var tools) ? tools[0].GetProperty("function").GetProperty("name").GetString() : null;
        var thought = FakeMind.Think(seen, tool);
        var id = $"call_{upstream.Name}_{seen.Count}";
        List<string> first = thought.Text is { } text
            ? [Chunk($$"""{"content":"{{text}}"}""")]
            : [Chunk($$$"""{"tool_calls":[{"index":0,"id":"{{{id}}}","type":"function","function":""" +
                $$$"""{"name":"{{{thought.ToolName}}}","arguments":""}}]}""")];
        List<string> rest = thought.Text is null
            ? [.. Halves(FakeMind.ToolArguments).Select(half => Chunk($$$"""{"tool_calls":[{"index":0,"function":""" +
                $$$"""{"arguments":{{{JsonSerializer.Serialize(half)}}}}}]}"""))]
            : [];
        var usage = $$$$"""{"id":"c","model":"fake-model","choices":[],"usage":""" +
            $$$$"""{"prompt_tokens":{{{{seen.Sum(message => message.Length)}}}},"completion_tokens":5,"prompt_tokens_details":""" +
            $$$$"""{"cached_tokens":{{{{upstream.Cache.CachedCharacters(seen)}}}}}}}""";
        return new FakePhases(
            [Chunk("""{"role":"assistant"}""")], first, rest,
            [Chunk("{}", thought.Text is null ? "tool_calls" : "stop"), usage, "[DONE]"],
            """{"error":{"message":"It broke.","type":"server_error","code":500}}""");
    }

    private static IEnumerable<string> Halves(string text) => [text[..(text.Length / 2)], text[(text.Length / 2)..]];

    private static string Chunk(string delta, string? finish = null) =>
        $$$"""{"id":"c","model":"fake-model","choices":[{"index":0,"delta":{{{delta}}}""" +
            $$$""","finish_reason":{{{JsonSerializer.Serialize(finish)}}}}]}""";
}
