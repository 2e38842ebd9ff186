using System.Net;
using System.Text;
using System.Text.Json;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Compaction;

/// <summary>Requests to a server in one line each.</summary>
internal static class TalkingServer
{
    public const string Question = """{"role":"user","content":"Please count the apples in basket.txt and then the pears."}""";

    /// <summary>A task, a call with a long result, an answer.</summary>
    public static readonly string Basket = $$$"""
        {{{Question}}},
        {"type":"function_call","call_id":"c1","name":"exec","arguments":"{\"cmd\":\"cat basket.txt\"}"},
        {"type":"function_call_output","call_id":"c1","output":"{{{string.Concat(Enumerable.Repeat("apple ", 5000))}}}seven apples"},
        {"role":"assistant","content":"There are seven apples."}
        """;

    public const string Trigger = """{"type":"compaction_trigger"}""";

    public static async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(
        this RunningServer server, string body, string path = "/v1/responses", string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        if (key is not null) request.Headers.Authorization = new("Bearer", key);
        using var reply = await server.Http.SendAsync(request);
        return (reply.StatusCode, JsonDocument.Parse(await reply.Content.ReadAsStringAsync()).RootElement);
    }

    public static string Body(string input, string more = "\"store\":false") => $$"""{"model":"m","input":[{{input}}],{{more}}}""";

    public static string Type(this JsonElement item) => item.GetProperty("type").GetString()!;

    public static string Text(this JsonElement item, string name) => item.GetProperty(name).GetString()!;
}
