using System.Text.Json;
using Samovar.Testing;
using Samovar.Testing.Models;
using Samovar.Testing.Servers;

namespace Samovar.Tests.WebSockets;

/// <summary>Steering a model in the server's own engine, over a socket: what was computed stays, in stored chains and others.</summary>
public sealed class SteerEngineTests
{
    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Successor_PrefillsTheUsersWordsAlone(string store)
    {
        var path = RandomModel.Ensure(Path.Combine(AppContext.BaseDirectory, "models"), RandomModelSize.Tiny, WeightType.F32);
        await using var server = await RunningServer.StartAsync(null, new Dictionary<string, string?>
        {
            ["Engine:ModelPath"] = path, ["Engine:ContextTokens"] = "8192", ["Engine:Streams"] = "1", ["Engine:KvType"] = "f32",
            ["Engine:Threads"] = "1", ["Turns:SteeredItemMax"] = "00:00:00",
        });
        await using var socket = await server.ConnectAsync();
        await socket.SendAsync($$"""
            {"type":"response.create","model":"m","store":{{store}},"instructions":"{{new string('a', 300)}}","input":"say much",
            "temperature":0,"max_output_tokens":4000}
            """);
        var id = "";
        while (Type(await NextAsync()) != "response.output_text.delta") { }
        await socket.SendAsync($$"""{"type":"response.steer","previous_response_id":"{{id}}","input":"stop"}""");
        var first = (await socket.ReceiveTurnAsync())[^1].GetProperty("response");
        Assert.Equal("steered", first.GetProperty("incomplete_details").GetProperty("reason").GetString());
        Assert.Equal("incomplete", first.GetProperty("output")[0].GetProperty("status").GetString());
        var created = await UntilCreatedAsync();
        Assert.Equal(id, created.GetProperty("previous_response_id").GetString());
        await socket.SendAsync("""{"type":"response.cancel"}""");
        await socket.ReceiveTurnAsync();
        var before = first.GetProperty("usage");
        var tokens = before.GetProperty("input_tokens").GetInt32() + before.GetProperty("output_tokens").GetInt32();
        var next = (await socket.AskAsync($$"""
            {"type":"response.create","model":"m","store":{{store}},"instructions":"{{new string('a', 300)}}","input":"stop",
            "previous_response_id":"{{id}}","temperature":0,"max_output_tokens":16}
            """))[^1].GetProperty("response").GetProperty("usage");
        Assert.InRange(next.GetProperty("input_tokens_details").GetProperty("cached_tokens").GetInt32(), tokens - 1, tokens + 30);

        async Task<JsonElement> NextAsync()
        {
            var e = await Soon.In(socket.ReceiveAsync());
            if (e.TryGetProperty("response", out var response)) id = response.GetProperty("id").GetString()!;
            return e;
        }

        async Task<JsonElement> UntilCreatedAsync()
        {
            while (true)
            {
                var e = await Soon.In(socket.ReceiveAsync());
                if (Type(e) == "response.created") return e.GetProperty("response");
            }
        }
    }

    private static string? Type(JsonElement e) => e.GetProperty("type").GetString();
}
