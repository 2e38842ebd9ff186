using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Backends;
using Samovar.Testing.Servers;
using Samovar.Testing.Tools;

namespace Samovar.Tests.Tools;

/// <summary>A server, an MCP server beside it, and requests in one line each.</summary>
internal sealed class ToolHouse : IAsyncDisposable
{
    private ToolHouse(RunningServer server, FakeToolServer tools) => (Server, Tools) = (server, tools);

    public RunningServer Server { get; }
    public FakeToolServer Tools { get; }

    public static async Task<ToolHouse> StartAsync(
        IBackend? backend, FakeTool[] tools, Dictionary<string, string?>? settings = null, Action<IServiceCollection>? configure = null,
        FakeServerKind? kind = null)
    {
        var server = await FakeToolServer.StartAsync(kind ?? new FakeServerKind(), tools);
        var all = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Tools:Servers:0:Name"] = "demo", ["Tools:Servers:0:Url"] = server.Url, ["Tools:Servers:0:AllowsPrivate"] = "true",
        };
        foreach (var (key, value) in settings ?? new Dictionary<string, string?>()) all[key] = value;
        return new(await RunningServer.StartAsync(backend, all, configure), server);
    }

    /// <summary>The tool that names the server; approval is never needed unless it says so.</summary>
    public string Tool(string more = "\"require_approval\":\"never\"") =>
        $$"""{"type":"mcp","server_label":"demo","server_url":"{{Tools.Url}}"{{(more.Length > 0 ? "," + more : "")}}}""";

    public string Body(string input, string? tools = null, string more = "\"store\":true") =>
        $$"""{"model":"calling","input":{{input}},"tools":[{{tools ?? Tool()}}],{{more}}}""";

    public async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string body, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/responses")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        if (key is not null) request.Headers.Authorization = new("Bearer", key);
        using var reply = await Server.Http.SendAsync(request);
        return (reply.StatusCode, JsonDocument.Parse(await reply.Content.ReadAsStringAsync()).RootElement);
    }

    /// <summary>A response that is expected to be made.</summary>
    public async Task<JsonElement> AskAsync(string body)
    {
        var (status, answer) = await PostAsync(body);
        Assert.True(status == HttpStatusCode.OK && answer.GetProperty("error").ValueKind == JsonValueKind.Null, answer.ToString());
        return answer;
    }

    /// <summary>The events of a response.</summary>
    public async Task<List<JsonElement>> StreamAsync(string body)
    {
        using var reply = await Server.Http.PostAsync(
            "/v1/responses", new StringContent(body.TrimEnd()[..^1] + ",\"stream\":true}", Encoding.UTF8, "application/json"));
        var text = await reply.Content.ReadAsStringAsync();
        return [.. text.Split('\n').Where(static line => line.StartsWith("data: {", StringComparison.Ordinal))
            .Select(static line => JsonDocument.Parse(line[6..]).RootElement)];
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Tools.DisposeAsync();
    }
}

/// <summary>What answers say, in one line each.</summary>
internal static class ToolAnswers
{
    public static string[] Types(this JsonElement response) =>
        [.. response.GetProperty("output").EnumerateArray().Select(static item => item.GetProperty("type").GetString()!)];

    public static JsonElement Item(this JsonElement response, string type) =>
        response.GetProperty("output").EnumerateArray().First(item => item.GetProperty("type").GetString() == type);

    public static string Id(this JsonElement json) => json.GetProperty("id").GetString()!;

    public static string? Str(this JsonElement json, string name) => json.GetProperty(name).GetString();
}
