using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using Samovar.Protocol.Ids;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Http;

/// <summary>What a client may ask of the way its events are written, over both wires.</summary>
public sealed class EventPreferencesTests : IAsyncLifetime
{
    private const string Settings = """
        "model":"m","instructions":"be brief","tools":[{"type":"function","name":"f","parameters":{"type":"object"}}],"tool_choice":"none"
        """;
    private const string Frame = $$"""{"type":"response.create",{{Settings}},"input":"[[think=text]] [[final=x]]"}""";
    private const string Body = $$"""{"stream":true,{{Settings}},"input":"[[think=text]] [[final=x]]"}""";

    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync(new ScriptedBackend(new IdSource()));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("?snapshots=slim", null)]
    [InlineData("", "slim")]
    public async Task SlimSnapshots_LeaveSettingsOut_UntilTheEnd(string query, string? header)
    {
        foreach (var events in new[] { await SocketAsync(query, header), await StreamAsync(query, header) })
        {
            Assert.Equal(["response.created", "response.in_progress"], events.Take(2).Select(TypeOf));
            foreach (var e in events.Take(2)) Assert.Equal((null, 0), Echo(e));
            Assert.Equal(("be brief", 1), Echo(events[^1]));
        }
    }

    [Fact]
    public async Task Snapshots_AreWhole_WhereNobodyAsks()
    {
        foreach (var events in new[] { await SocketAsync("", null), await StreamAsync("", null) })
            foreach (var e in events.Where(e => e.TryGetProperty("response", out _))) Assert.Equal(("be brief", 1), Echo(e));
    }

    [Theory]
    [InlineData("", "response.reasoning_text.delta")]
    [InlineData("?reasoning_events=open_responses", "response.reasoning.delta")]
    public async Task RawReasoning_IsCalled_AsTheClientKnowsIt(string query, string name)
    {
        foreach (var events in new[] { await SocketAsync(query, null), await StreamAsync(query, null) })
        {
            var delta = Assert.Single(events.Select(TypeOf), type => type is "response.reasoning_text.delta" or "response.reasoning.delta");
            Assert.Equal(name, delta);
        }
    }

    [Theory]
    [InlineData("?snapshots=thin", null, "snapshots")]
    [InlineData("?snapshots=", null, "snapshots")]
    [InlineData("", "full", "snapshots")]
    [InlineData("?reasoning_events=mine", null, "reasoning_events")]
    public async Task UnknownPreference_IsRefused(string query, string? header, string param)
    {
        using var reply = await PostAsync(query, header);
        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
        using var json = JsonDocument.Parse(await reply.Content.ReadAsStringAsync());
        var error = json.RootElement.GetProperty("error");
        Assert.Equal((param, "invalid_value"), (error.GetProperty("param").GetString(), error.GetProperty("code").GetString()));
        await Assert.ThrowsAsync<WebSocketException>(() => SocketAsync(query, header));
    }

    private async Task<IReadOnlyList<JsonElement>> SocketAsync(string query, string? header)
    {
        await using var client = await _server.ConnectAsync(
            options => { if (header is not null) options.SetRequestHeader("x-samovar-snapshots", header); }, query: query);
        return await client.AskAsync(Frame);
    }

    private async Task<IReadOnlyList<JsonElement>> StreamAsync(string query, string? header)
    {
        using var reply = await PostAsync(query, header);
        var text = await reply.Content.ReadAsStringAsync();
        return [.. text.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal))
            .Select(line => JsonDocument.Parse(line["data: ".Length..]).RootElement)];
    }

    private async Task<HttpResponseMessage> PostAsync(string query, string? header)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/responses" + query)
        {
            Content = new StringContent(Body, System.Text.Encoding.UTF8, "application/json"),
        };
        if (header is not null) request.Headers.Add("x-samovar-snapshots", header);
        return await _server.Http.SendAsync(request);
    }

    private static string? TypeOf(JsonElement e) => e.GetProperty("type").GetString();

    private static (string? Instructions, int Tools) Echo(JsonElement e)
    {
        var response = e.GetProperty("response");
        return (response.GetProperty("instructions").GetString(), response.GetProperty("tools").GetArrayLength());
    }
}
