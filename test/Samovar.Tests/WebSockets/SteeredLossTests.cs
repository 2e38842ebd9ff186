using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Testing;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;

namespace Samovar.Tests.WebSockets;

/// <summary>Words that wait while their response's upstream is lost: they come next all the same, or are sent back.</summary>
public sealed class SteeredLossTests
{
    [Theory]
    [InlineData("xai")] // takes no words itself
    [InlineData("openai")]
    public async Task WordsBehindALostUpstream_ComeNext_WithWhatItHadSaid(string dialect)
    {
        await using var upstream = await SteeredUpstream.StartAsync(SteerManners.Ignores);
        await using var server = await StartAsync(upstream.BaseUrl, dialect);
        await using var client = await server.ConnectAsync();
        var id = await SayAsync(client, "hold", "response.output_text.delta");
        await client.SendAsync(Steer(id, "one"));
        await UntilAsync(client, "response.steer.accepted");
        await client.SendAsync(Steer(id, "two"));
        await UntilAsync(client, "response.steer.accepted");
        upstream.Drop();
        var first = (await client.ReceiveTurnAsync())[^1].GetProperty("response");
        Assert.Equal(("incomplete", "steered"), (first.GetProperty("status").GetString(),
            first.GetProperty("incomplete_details").GetProperty("reason").GetString()));
        Assert.Equal("seen 1", Text(first));
        var second = (await client.ReceiveTurnAsync())[^1].GetProperty("response");
        Assert.Equal(("completed", "seen 4"), (second.GetProperty("status").GetString(), Text(second)));
    }

    [Fact]
    public async Task WordsBehindACallOfALostUpstream_WaitForItsOutput()
    {
        await using var upstream = await SteeredUpstream.StartAsync(SteerManners.Ignores);
        await using var server = await StartAsync(upstream.BaseUrl, "openai");
        await using var client = await server.ConnectAsync();
        var id = await SayAsync(client, "telephone", "function_call");
        await client.SendAsync(Steer(id, "one"));
        await UntilAsync(client, "response.steer.accepted");
        upstream.Drop();
        await client.ReceiveTurnAsync();
        var pending = await Soon.In(client.ReceiveAsync());
        Assert.True(Type(pending) == "response.steer.pending", pending.GetRawText());
        Assert.Equal("call_1", pending.GetProperty("required_input")[0].GetProperty("call_id").GetString());
        var next = await client.AskAsync(
            $$"""{"type":"response.create","model":"m","store":false,"previous_response_id":"{{id}}",""" +
            """ "input":[{"type":"function_call_output","call_id":"call_1","output":"x"}]}""");
        Assert.Equal("seen 5", Text(next[^1].GetProperty("response"))); // question, message, call, words, output
    }

    [Fact]
    public async Task WordsThatNobodyCanTake_AreSentBack_Each()
    {
        var upstream = await SteeredUpstream.StartAsync(SteerManners.Ignores);
        await using var server = await StartAsync(upstream.BaseUrl, "openai");
        await using var client = await server.ConnectAsync();
        var id = await SayAsync(client, "hold", "response.output_text.delta");
        foreach (var words in new[] { "one", "two" })
        {
            await client.SendAsync(Steer(id, words));
            await UntilAsync(client, "response.steer.accepted");
        }
        await upstream.DisposeAsync();
        var end = (await client.ReceiveTurnAsync())[^1];
        Assert.Equal("response.incomplete", Type(end));
        var number = end.GetProperty("sequence_number").GetInt32();
        foreach (var words in new[] { "one", "two" })
        {
            var failed = await Soon.In(client.ReceiveAsync());
            Assert.Equal(("response.steer.failed", "successor_creation_failed", ++number),
                (Type(failed), failed.GetProperty("error").GetProperty("code").GetString(),
                    failed.GetProperty("sequence_number").GetInt32()));
            Assert.Equal((words, id), (failed.GetProperty("steer").GetProperty("input").GetString(),
                failed.GetProperty("steer").GetProperty("previous_response_id").GetString()));
        }
    }

    [Fact]
    public async Task WordsOfALostConnection_AreGone_ThoughItsResponseIsResumedElsewhere()
    {
        var (time, grace) = (new ManualTime(), TimeSpan.FromSeconds(17)); // no other timer is due then
        await using var upstream = await SteeredUpstream.StartAsync(SteerManners.Ignores);
        var server = await StartAsync(upstream.BaseUrl, "openai", time, grace);
        await using var first = await server.ConnectAsync(query: "?resume=true");
        var id = await SayAsync(first, "hold", "response.output_text.delta");
        await first.SendAsync(Steer(id, "one"));
        await UntilAsync(first, "response.steer.accepted");
        first.Drop();
        await Soon.In(time.WhenArmed(grace));
        await using var second = await server.ConnectAsync(query: "?resume=true");
        await second.SendAsync($$"""{"type":"response.resume","response_id":"{{id}}"}""");
        await UntilAsync(second, "response.steer.accepted"); // its events are all there
        upstream.Drop();
        var end = (await second.ReceiveTurnAsync())[^1].GetProperty("response");
        Assert.Equal("incomplete", end.GetProperty("status").GetString());
        var next = (await second.AskAsync("""{"input":"go on"}"""))[^1].GetProperty("response");
        Assert.Equal(("seen 3", id), (Text(next), next.GetProperty("previous_response_id").GetString()));
        var ending = server.DisposeAsync().AsTask();
        while (!ending.IsCompleted) // a server waits for what runs, by a clock that stands
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        await ending;
    }

    private static Task<RunningServer> StartAsync(
        string baseUrl, string dialect, TimeProvider? time = null, TimeSpan? grace = null) => RunningServer.StartAsync(null,
        new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Upstream:Pools:0:Name"] = "p",
            ["Upstream:Pools:0:Destinations:0:Name"] = "a",
            ["Upstream:Pools:0:Destinations:0:Kind"] = "responses-ws",
            ["Upstream:Pools:0:Destinations:0:Dialect"] = dialect,
            ["Upstream:Pools:0:Destinations:0:BaseUrl"] = baseUrl,
            ["Upstream:Pools:0:Destinations:0:Models:0"] = "m",
            ["Upstream:SteeredEndTimeMax"] = "00:01:00",
            ["Upstream:RetryDelay"] = "00:00:00.010",
            ["Turns:SteeredItemMax"] = "00:01:00", // nothing ends for the words alone
            ["Replay:OrphanGrace"] = (grace ?? TimeSpan.FromSeconds(30)).ToString(),
        }, services => services.AddSingleton(time ?? TimeProvider.System));

    private static async Task<string> SayAsync(ClientSocket client, string words, string until)
    {
        await client.SendAsync($$"""{"type":"response.create","model":"m","store":false,"input":"{{words}}"}""");
        var id = (await UntilAsync(client, "response.created")).GetProperty("response").GetProperty("id").GetString()!;
        while (!(await Soon.In(client.ReceiveAsync())).GetRawText().Contains(until, StringComparison.Ordinal)) { }
        if (until == "function_call") await UntilAsync(client, "response.output_item.done");
        return id;
    }

    private static async Task<JsonElement> UntilAsync(ClientSocket socket, string type)
    {
        while (true)
        {
            var e = await Soon.In(socket.ReceiveAsync());
            if (Type(e) == type) return e;
            Assert.False(ClientSocket.IsTerminal(e), e.GetRawText());
        }
    }

    private static string Steer(string id, string words) =>
        $$"""{"type":"response.steer","previous_response_id":"{{id}}","input":"{{words}}"}""";

    private static string? Type(JsonElement e) => e.GetProperty("type").GetString();

    private static string Text(JsonElement response) => response.GetProperty("output").EnumerateArray()
        .Last(item => Type(item) == "message").GetProperty("content")[0].GetProperty("text").GetString()!;
}
