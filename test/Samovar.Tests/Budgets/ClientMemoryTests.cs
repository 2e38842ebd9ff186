using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Budgets;
using Samovar.Chains;
using Samovar.Gateway.Wire.Sockets;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;

namespace Samovar.Tests.Budgets;

/// <summary>After a hundred turns of each kind of client the books say what the chain really holds.</summary>
public sealed class ClientMemoryTests
{
    private const int Turns = 100;
    private static readonly string Words = new('w', 3000);

    [Theory]
    [InlineData("socket", "responses-ws")]
    [InlineData("socket", "chat")]
    [InlineData("stored", "responses-http")]
    [InlineData("stored", "messages")]
    [InlineData("chat", "chat")]
    [InlineData("chat", "responses-ws")]
    [InlineData("messages", "messages")]
    [InlineData("messages", "chat")]
    public async Task ChainOfAHundredTurns_HoldsWhatIsCounted(string client, string upstreamKind)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(null, upstream.Settings(upstreamKind));
        ClientSocket? socket = null; // stays open: what its lane keeps is what is weighed
        switch (client)
        {
            case "socket": await TalkOverSocketAsync(socket = await server.ConnectAsync(), upstream); break;
            case "stored": await TalkByIdAsync(server, upstream); break;
            case "chat": await ResendAsync(server, upstream, "/v1/chat/completions", Said); break;
            default: await ResendAsync(server, upstream, "/v1/messages", answer => answer["content"]!.DeepClone()); break;
        }
        var counted = server.Services.GetRequiredService<MemoryShares>().Chains.Bytes;
        var nodes = server.Services.GetRequiredService<KeptNodes>().Nodes;
        var held = HeldMemory.Of(nodes, typeof(UpstreamSocket));
        Assert.Equal(Turns, nodes.Max(node => node.Depth));
        Assert.InRange(counted, held, 4 * held);
        if (socket is not null) await socket.DisposeAsync();
    }

    private static async Task TalkOverSocketAsync(ClientSocket client, FakeUpstream upstream)
    {
        for (var turn = 0; turn < Turns; turn++)
        {
            await client.SendAsync(turn == 0
                ? $$"""{"type":"response.create","model":"m","store":false,"input":"{{Words}}"}"""
                : $$"""{"input":"{{turn}} {{Words}}"}""");
            Assert.Contains("response.completed", (await client.ReceiveTurnAsync())[^1].GetRawText(), StringComparison.Ordinal);
            upstream.Requests.Clear();
        }
    }

    private static async Task TalkByIdAsync(RunningServer server, FakeUpstream upstream)
    {
        string? previous = null;
        for (var turn = 0; turn < Turns; turn++)
        {
            var request = new JsonObject { ["model"] = "m", ["store"] = true, ["input"] = $"{turn} {Words}" };
            if (previous is not null) request["previous_response_id"] = previous;
            previous = (string?)(await PostAsync(server, "/v1/responses", request))["id"];
            upstream.Requests.Clear();
        }
    }

    /// <summary>A client that keeps the conversation itself and sends all of it each time.</summary>
    private static async Task ResendAsync(RunningServer server, FakeUpstream upstream, string path, Func<JsonNode, JsonNode> said)
    {
        var messages = new JsonArray();
        for (var turn = 0; turn < Turns; turn++)
        {
            messages.Add(new JsonObject { ["role"] = "user", ["content"] = $"{turn} {Words}" });
            var request = new JsonObject { ["model"] = "m", ["max_tokens"] = 100, ["messages"] = messages.DeepClone() };
            var answer = await PostAsync(server, path, request);
            messages.Add(new JsonObject { ["role"] = "assistant", ["content"] = said(answer) });
            upstream.Requests.Clear();
        }
    }

    private static JsonNode Said(JsonNode answer) => answer["choices"]![0]!["message"]!["content"]!.DeepClone();

    private static async Task<JsonNode> PostAsync(RunningServer server, string path, JsonObject request)
    {
        using var body = new StringContent(JsonSerializer.Serialize(request), Encoding.UTF8, "application/json");
        using var reply = await server.Http.PostAsync(new Uri(path, UriKind.Relative), body, Soon.Token);
        var text = await reply.Content.ReadAsStringAsync(Soon.Token);
        Assert.True(reply.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }
}
