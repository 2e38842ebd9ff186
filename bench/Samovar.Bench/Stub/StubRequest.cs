using System.Text.Json;

namespace Samovar.Bench.Stub;

/// <summary>What the stub reads of a create request, of the Responses or the Chat Completions protocol.</summary>
internal sealed record StubRequest
{
    public required string Model { get; init; }
    public required StubContext Context { get; init; }

    /// <summary>The first function that was offered.</summary>
    public string? Tool { get; init; }

    /// <summary>What the client says belongs together.</summary>
    public string? CacheKey { get; init; }
    public bool Streams { get; init; }
    public bool Stores { get; init; }

    /// <summary>Whether it continues what the account holds; otherwise everything was sent.</summary>
    public bool IsDelta { get; init; }

    /// <summary>Null when the response that it continues is unknown here.</summary>
    public static StubRequest? Responses(JsonElement json, Func<string, StubContext?> find)
    {
        var previous = Text(json, "previous_response_id");
        var parent = previous is null ? null : find(previous);
        if (previous is not null && parent is null) return null;
        var context = new StubContext(parent);
        if (parent is null) Begin(context, json);
        ReadInput(context, json.GetProperty("input"));
        return Of(json, context, "name") with
        {
            IsDelta = previous is not null,
            Stores = !json.TryGetProperty("store", out var stores) || stores.ValueKind != JsonValueKind.False,
        };
    }

    public static StubRequest Chat(JsonElement json)
    {
        var context = new StubContext(null);
        if (json.TryGetProperty("tools", out var tools)) context.Say("tools", tools.GetRawText());
        foreach (var message in json.GetProperty("messages").EnumerateArray()) ReadItem(context, message);
        return Of(json, context, "function");
    }

    private static StubRequest Of(JsonElement json, StubContext context, string nameOfTool) => new()
    {
        Model = Text(json, "model") ?? "stub",
        Context = context,
        Tool = ToolOf(json, nameOfTool),
        CacheKey = Text(json, "prompt_cache_key"),
        Streams = json.TryGetProperty("stream", out var streams) && streams.ValueKind == JsonValueKind.True,
    };

    private static string? ToolOf(JsonElement json, string nameOfTool)
    {
        if (!json.TryGetProperty("tools", out var tools) || tools.GetArrayLength() == 0) return null;
        return nameOfTool == "name" ? Text(tools[0], "name") : Text(tools[0].GetProperty(nameOfTool), "name");
    }

    private static void Begin(StubContext context, JsonElement json)
    {
        if (json.TryGetProperty("tools", out var tools)) context.Say("tools", tools.GetRawText());
        if (Text(json, "instructions") is { } instructions) context.Say("system", instructions);
    }

    private static void ReadInput(StubContext context, JsonElement input)
    {
        if (input.ValueKind == JsonValueKind.String) SayUser(context, input.GetString()!);
        else foreach (var item in input.EnumerateArray()) ReadItem(context, item);
    }

    private static void ReadItem(StubContext context, JsonElement item)
    {
        if (Text(item, "type") is "function_call_output" || Text(item, "role") is "tool")
        {
            var result = item.TryGetProperty("output", out var output) ? TextOf(output) : TextOf(item.GetProperty("content"));
            context.Say("result", result);
            context.Script = context.Script.After(result);
        }
        else if (Text(item, "type") is "function_call") context.Say("call", $"{Text(item, "name")}({Text(item, "arguments")})");
        else if (Text(item, "role") is "user") SayUser(context, TextOf(item.GetProperty("content")));
        else if (Text(item, "role") is { } role) ReadOther(context, role, item);
    }

    private static void ReadOther(StubContext context, string role, JsonElement message)
    {
        if (message.TryGetProperty("tool_calls", out var calls))
            foreach (var call in calls.EnumerateArray().Select(call => call.GetProperty("function")))
                context.Say("call", $"{Text(call, "name")}({Text(call, "arguments")})");
        else context.Say(role, TextOf(message.GetProperty("content")));
    }

    private static void SayUser(StubContext context, string text)
    {
        context.Say("user", text);
        context.Script = StubScript.Read(text) ?? context.Script;
    }

    private static string TextOf(JsonElement content) => content.ValueKind switch
    {
        JsonValueKind.String => content.GetString()!,
        JsonValueKind.Array => string.Concat(content.EnumerateArray().Select(part => Text(part, "text"))),
        _ => "",
    };

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
