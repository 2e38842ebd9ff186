using System.Text.Json;

namespace Samovar.Bench.Stub;

/// <summary>The same answer as <see cref="StubEvents"/>, in the chunks of the Chat Completions protocol.</summary>
internal static class StubChunks
{
    private const string Added = "response.output_item.added", Delta = "chunk.delta"; // what a pace goes by

    public static IEnumerable<(string Type, string Chunk)> All(StubRequest request, string id, int cachedTokens)
    {
        var script = request.Context.Script;
        yield return ("begin", Chunk("""{"role":"assistant","content":""}"""));
        if (StubEvents.IsCall(request))
        {
            yield return (Added, Chunk($$$"""{"tool_calls":[{"index":0,"id":"call{{{id["resp".Length..]}}}","type":"function","function":"""
                + $$"""{"name":{{Quote(request.Tool!)}},"arguments":""} }]}"""));
            foreach (var piece in StubEvents.Pieces(StubEvents.Arguments(script), script))
                yield return (Delta, Chunk($$"""{"tool_calls":[{"index":0,"function":{"arguments":{{Quote(piece)}} } }]}"""));
        }
        else
        {
            foreach (var piece in StubEvents.Pieces(StubEvents.TextOf(script), script))
                yield return (Delta, Chunk($$"""{"content":{{Quote(piece)}}}"""));
        }
        yield return ("end", Chunk("{}", StubEvents.IsCall(request) ? "tool_calls" : "stop"));
        yield return ("usage", $$$"""{"id":"{{{id}}}","object":"chat.completion.chunk","model":{{{Quote(request.Model)}}},"choices":[],"""
            + "\"usage\":"
            + $$"""{"prompt_tokens":{{request.Context.Tokens}},"completion_tokens":{{StubEvents.OutputTokens(request)}},"""
            + $$""" "prompt_tokens_details":{"cached_tokens":{{cachedTokens}} } } }""");
        yield return ("done", "[DONE]");

        string Chunk(string delta, string? finish = null) =>
            $$"""{"id":"{{id}}","object":"chat.completion.chunk","model":{{Quote(request.Model)}},"""
                + $$""" "choices":[{"index":0,"delta":{{delta}},"finish_reason":{{(finish is null ? "null" : Quote(finish))}}}]}""";
    }

    /// <summary>For a client that does not read streams.</summary>
    public static string Whole(StubRequest request, string id, int cachedTokens)
    {
        var (script, isCall) = (request.Context.Script, StubEvents.IsCall(request));
        var message = isCall
            ? $$$"""{"role":"assistant","content":null,"tool_calls":[{"id":"call{{{id["resp".Length..]}}}","type":"function","function":"""
                + $$"""{"name":{{Quote(request.Tool!)}},"arguments":{{Quote(StubEvents.Arguments(script))}} } }]}"""
            : $$"""{"role":"assistant","content":{{Quote(StubEvents.TextOf(script))}}}""";
        return $$"""{"id":"{{id}}","object":"chat.completion","created":0,"model":{{Quote(request.Model)}},"choices":[{"index":0,"""
            + $$""" "message":{{message}},"finish_reason":"{{(isCall ? "tool_calls" : "stop")}}"}],"usage":"""
            + $$"""{"prompt_tokens":{{request.Context.Tokens}},"completion_tokens":{{StubEvents.OutputTokens(request)}},"""
            + $$""" "total_tokens":{{request.Context.Tokens + StubEvents.OutputTokens(request)}},"""
            + $$""" "prompt_tokens_details":{"cached_tokens":{{cachedTokens}} } } }""";
    }

    private static string Quote(string text) => "\"" + JsonEncodedText.Encode(text).ToString() + "\"";
}
