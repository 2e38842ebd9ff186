using System.Text.Json;

namespace Samovar.Bench.Stub;

/// <summary>The same answer as <see cref="StubEvents"/>, in the chunks of the Chat Completions protocol.</summary>
internal static class StubChunks
{
    public static IEnumerable<string> All(StubRequest request, string id, int cachedTokens)
    {
        var script = request.Context.Script;
        yield return Chunk("""{"role":"assistant","content":""}""");
        if (StubEvents.IsCall(request))
        {
            yield return Chunk($$$"""{"tool_calls":[{"index":0,"id":"call{{{id["resp".Length..]}}}","type":"function","function":"""
                + $$"""{"name":{{Quote(request.Tool!)}},"arguments":{{Quote(StubEvents.Arguments(script))}} } }]}""");
        }
        else
        {
            var text = StubEvents.TextOf(script);
            for (var at = 0; at < script.Deltas; at++)
                yield return Chunk($$"""{"content":{{Quote(text.Substring(at * script.DeltaBytes, script.DeltaBytes))}}}""");
        }
        yield return Chunk("{}", StubEvents.IsCall(request) ? "tool_calls" : "stop");
        yield return $$$"""{"id":"{{{id}}}","object":"chat.completion.chunk","model":{{{Quote(request.Model)}}},"choices":[],"usage":"""
            + $$"""{"prompt_tokens":{{request.Context.Tokens}},"completion_tokens":{{script.Deltas * script.DeltaBytes / 4}},"""
            + $$""" "prompt_tokens_details":{"cached_tokens":{{cachedTokens}} } } }""";
        yield return "[DONE]";

        string Chunk(string delta, string? finish = null) =>
            $$"""{"id":"{{id}}","object":"chat.completion.chunk","model":{{Quote(request.Model)}},"""
                + $$""" "choices":[{"index":0,"delta":{{delta}},"finish_reason":{{(finish is null ? "null" : Quote(finish))}}}]}""";
    }

    private static string Quote(string text) => "\"" + JsonEncodedText.Encode(text).ToString() + "\"";
}
