using System.Text.Json;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Meaning;

/// <summary>What came back of one turn.</summary>
/// <param name="Said">The text of its messages.</param>
/// <param name="Calls">Its function calls, as items.</param>
internal sealed record Reply(string Id, string Said, IReadOnlyList<JsonElement> Calls, int InputTokens, int CachedTokens)
{
    public static Reply Of(JsonElement response)
    {
        Assert.Equal("completed", response.GetProperty("status").GetString());
        var items = response.GetProperty("output").EnumerateArray().ToList();
        var usage = response.GetProperty("usage");
        return new Reply(
            response.GetProperty("id").GetString()!,
            string.Concat(items.Where(item => item.TryGetProperty("content", out _))
                .Select(item => item.GetProperty("content")[0].GetProperty("text").GetString())),
            [.. items.Where(item => item.TryGetProperty("call_id", out _))],
            usage.GetProperty("input_tokens").GetInt32(),
            usage.GetProperty("input_tokens_details").GetProperty("cached_tokens").GetInt32());
    }
}

/// <summary>A conversation over a WebSocket whose frames hold only what is new.</summary>
/// <param name="lane">The lane it has to itself; null is the default lane.</param>
/// <param name="isStored">Whether other connections may go on from its responses.</param>
internal sealed class Dialogue(ClientSocket socket, string? lane = null, bool isStored = false)
{
    /// <summary>The response that the next turn continues; set it to go on from elsewhere.</summary>
    public string? Newest { get; set; }

    public object[]? Tools { get; init; }

    public async Task<string> SayAsync(string text) => (await SendAsync([User(text)])).Said;

    public async Task<Reply> SendAsync(object[] input, object? toolChoice = null)
    {
        var fields = new Dictionary<string, object?>
        {
            ["type"] = "response.create", ["model"] = "pocket", ["temperature"] = 0, ["store"] = isStored, ["input"] = input,
            ["stream_id"] = lane, ["previous_response_id"] = Newest, ["tools"] = Tools, ["tool_choice"] = toolChoice,
        };
        var frame = JsonSerializer.Serialize(fields.Where(field => field.Value is not null).ToDictionary());
        var reply = Reply.Of((await socket.AskAsync(frame))[^1].GetProperty("response"));
        Newest = reply.Id;
        return reply;
    }

    public static object User(string text) => new { role = "user", content = text };

    public static object Output(JsonElement call, string text) =>
        new { type = "function_call_output", call_id = call.GetProperty("call_id").GetString(), output = text };

    /// <summary>A function whose parameters are all required texts.</summary>
    public static object Function(string name, string description, params string[] parameters) => new
    {
        type = "function", name, description,
        parameters = new
        {
            type = "object", properties = parameters.ToDictionary(p => p, _ => new { type = "string" }), required = parameters,
        },
    };
}
