using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Cluster;
using Samovar.Protocol.Ids;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;
using Samovar.Testing.Stores;

namespace Samovar.Tests.Peers;

/// <summary>What is asked of one node about a response that another one makes.</summary>
public sealed class TwoNodesTests : IAsyncLifetime
{
    private const string Unknown = "resp_0123456789abcdef0123456789abcdef0123456789abcdef";
    private readonly ScriptedBackend _maker = new(new IdSource()), _other = new(new IdSource());
    private readonly ClusterRows _rows = new();
    private readonly TaskCompletionSource _reached = new(), _go = new();
    private RunningServer _made = null!, _asked = null!;

    public async ValueTask InitializeAsync()
    {
        _maker.OnPhase = async (_, phase, cancelled) =>
        {
            if (phase != ScriptPhase.Finishing) return;
            _reached.TrySetResult();
            await _go.Task.WaitAsync(cancelled);
        };
        var running = new MemoryRunningRows(TimeProvider.System) { IsOfOneProcess = false };
        _made = await ClusterHouse.StartAsync(_maker, new ClusterRows(), running, ("Cluster:Name", "two"));
        _rows.Add(new ClusterNode(new NodeName("two"), new Incarnation("node_two"), _made.Address, NodeState.Active));
        _rows.Add(new ClusterNode(new NodeName("gone"), new Incarnation("node_gone"), new Uri("http://127.0.0.1:1"), NodeState.Active));
        _rows.Add(new ClusterNode(new NodeName("dead"), new Incarnation("node_dead"), new Uri("http://127.0.0.1:2"), NodeState.Dead));
        _asked = await ClusterHouse.StartAsync(_other, _rows, running, ("Cluster:AskTimeMax", "00:01:00"));
        var cluster = _asked.Services.GetRequiredService<ICluster>();
        await Soon.UntilAsync(() => cluster.Nodes.Count == 4);
    }

    public async ValueTask DisposeAsync()
    {
        _go.TrySetResult();
        await _asked.DisposeAsync();
        await _made.DisposeAsync();
    }

    [Fact]
    public async Task Background_IsReadThroughTheOther_WhileItRuns()
    {
        var id = await BeginAsync();
        var (status, body) = await SendAsync(HttpMethod.Get, $"/v1/responses/{id}");
        Assert.Equal((HttpStatusCode.OK, id, "in_progress"), (status, Text(body, "id"), Text(body, "status")));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Head, $"/v1/responses/{id}")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(HttpMethod.Delete, $"/v1/responses/{id}")).Status);
    }

    [Fact]
    public async Task Background_IsStreamedThroughTheOther_AsItComes()
    {
        var id = await BeginAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/responses/{id}?stream=true&starting_after=1");
        using var reply = await _asked.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", reply.Content.Headers.ContentType?.MediaType);
        using var reader = new StreamReader(await reply.Content.ReadAsStreamAsync());
        Assert.Equal("event: response.in_progress", await Soon.In(reader.ReadLineAsync()));
        _go.SetResult();
        var text = await Soon.In(reader.ReadToEndAsync());
        Assert.Contains("event: response.completed\n", text, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Background_IsCancelledThroughTheOther()
    {
        var id = await BeginAsync();
        var (status, body) = await SendAsync(HttpMethod.Post, $"/v1/responses/{id}/cancel");
        Assert.Equal((HttpStatusCode.OK, "cancelled"), (status, Text(body, "status")));
        Assert.Equal(1, _maker.Stopped);
    }

    /// <summary>Streams last as long as their turns: they hold up nothing that is asked beside them.</summary>
    [Fact]
    public async Task StreamsOfTheOther_HoldUpNoQuestion()
    {
        const int many = 40;
        var id = await BeginAsync();
        var streams = await Soon.In(Task.WhenAll(Enumerable.Range(0, many).Select(_ => StreamAsync(id))));
        try
        {
            Assert.All(streams, stream => Assert.Equal(HttpStatusCode.OK, stream.StatusCode));
            Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Get, $"/v1/responses/{id}")).Status);
            await using var socket = await _asked.ConnectAsync();
            await socket.SendAsync($$"""{"type":"response.resume","response_id":"{{id}}","starting_after":0}""");
            Assert.Equal(1, (await socket.ReceiveAsync()).GetProperty("sequence_number").GetInt32());
            var (status, body) = await SendAsync(HttpMethod.Post, $"/v1/responses/{id}/cancel");
            Assert.Equal((HttpStatusCode.OK, "cancelled"), (status, Text(body, "status")));
        }
        finally
        {
            foreach (var stream in streams) stream.Dispose();
        }
    }

    [Theory]
    [InlineData(Unknown)]
    [InlineData("resp_of_a_client")]
    public async Task UnknownId_StaysUnknown(string id)
    {
        foreach (var (method, path) in new[] { (HttpMethod.Get, ""), (HttpMethod.Delete, ""), (HttpMethod.Post, "/cancel") })
        {
            var (status, body) = await SendAsync(method, $"/v1/responses/{id}{path}");
            Assert.Equal(HttpStatusCode.NotFound, status);
            Assert.Equal("response_not_found", Text(body.GetProperty("error"), "code"));
        }
    }

    [Fact]
    public async Task TurnOfALostSocket_IsReadOnThroughTheOther()
    {
        var id = await BeginOnSocketAsync();
        await using var socket = await _asked.ConnectAsync();
        await socket.SendAsync($$"""{"type":"response.resume","response_id":"{{id}}","starting_after":0}""");
        Assert.Equal(1, (await socket.ReceiveAsync()).GetProperty("sequence_number").GetInt32());
        _go.SetResult();
        var rest = await socket.ReceiveTurnAsync();
        Assert.Equal("response.completed", Text(rest[^1], "type"));
        Assert.Equal(id, Text(rest[^1].GetProperty("response"), "id"));
    }

    [Fact]
    public async Task TurnOfALostSocket_IsCancelledThroughTheOther()
    {
        var id = await BeginOnSocketAsync();
        await using var socket = await _asked.ConnectAsync();
        await socket.SendAsync($$"""{"type":"response.resume","response_id":"{{id}}"}""");
        await socket.ReceiveAsync();
        await socket.SendAsync($$"""{"type":"response.cancel","response_id":"{{id}}"}""");
        Assert.Equal("response.failed", Text((await socket.ReceiveTurnAsync())[^1], "type"));
        Assert.Equal(1, _maker.Stopped);
    }

    [Fact]
    public async Task TurnThatNobodyKnows_IsNotResumed()
    {
        await using var socket = await _asked.ConnectAsync();
        var said = await socket.AskAsync($$"""{"type":"response.resume","response_id":"{{Unknown}}"}""");
        Assert.Equal("response_not_found", Text(said[^1].GetProperty("error"), "code"));
        await socket.AskAsync("""{"type":"response.create","model":"m","input":"[[final=fine]]"}"""); // the connection is usable
    }

    private Task<HttpResponseMessage> StreamAsync(string id) =>
        _asked.Http.GetAsync($"/v1/responses/{id}?stream=true", HttpCompletionOption.ResponseHeadersRead);

    private async Task<string> BeginAsync()
    {
        using var body = new StringContent(
            """{"model":"m","input":"[[final=fine]]","background":true,"stream":true}""", Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/responses") { Content = body };
        using var reply = await _made.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await reply.Content.ReadAsStreamAsync());
        await reader.ReadLineAsync();
        var created = JsonDocument.Parse((await reader.ReadLineAsync())!["data: ".Length..]).RootElement;
        await Soon.In(_reached.Task);
        return Text(created.GetProperty("response"), "id")!;
    }

    private async Task<string> BeginOnSocketAsync()
    {
        await using var socket = await _made.ConnectAsync(options => options.SetRequestHeader("x-samovar-resume", "true"));
        await socket.SendAsync("""{"type":"response.create","model":"m","input":"[[final=fine]]"}""");
        var created = await socket.ReceiveAsync();
        await Soon.In(_reached.Task);
        socket.Drop();
        return Text(created.GetProperty("response"), "id")!;
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, path);
        using var reply = await Soon.In(_asked.Http.SendAsync(request));
        var text = await reply.Content.ReadAsStringAsync();
        return (reply.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();
}
