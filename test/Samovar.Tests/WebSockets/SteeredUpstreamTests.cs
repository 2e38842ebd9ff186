using System.Text.Json;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;

namespace Samovar.Tests.WebSockets;

/// <summary>What the user says while an upstream speaks goes up to it; one that does not take it is left, and its words are kept.</summary>
public sealed class SteeredUpstreamTests
{
    private const string Patient = "00:01:00", Short = "00:00:00.500"; // for what comes; for what never does
    private static readonly string LongText = new('x', 20_000);

    [Theory]
    [InlineData("tea")]
    [InlineData("""[{"type":"message","role":"user","content":[{"type":"input_text","text":"tea"}]}]""")]
    [InlineData("""[{"role":"user","content":"t"},{"role":"user","content":"e"}]""", 1)]
    public async Task Upstream_EndsItsResponse_AndFollowsItItself_OnItsSocket(string words, int more = 0)
    {
        await using var upstream = await SteeredUpstream.StartAsync(SteerManners.Takes);
        await using var server = await StartAsync(upstream.BaseUrl);
        await using var client = await server.ConnectAsync();
        var (first, second) = await SteerAsync(client, words);
        Assert.Equal("steered", Reason(first));
        Assert.Equal(15, first.GetProperty("usage").GetProperty("total_tokens").GetInt32());
        Assert.Equal($"seen {3 + more}", Text(second));
        Assert.Equal("completed", second.GetProperty("status").GetString());
        var frames = upstream.Frames.ToList();
        Assert.Equal(["response.create", "response.steer"], frames.Select(frame => frame.GetProperty("type").GetString()));
        Assert.InRange(frames[1].GetRawText().Length, 1, 300); // nothing but the new words went up
        var third = await client.AskAsync(Create("more", second.GetProperty("id").GetString()));
        Assert.Equal($"seen {5 + more}", Text(third[^1].GetProperty("response")));
        Assert.Equal(1, upstream.Connections);
        Assert.True(upstream.Frames.Last().TryGetProperty("previous_response_id", out _));
    }

    [Fact]
    public async Task WordsThatComeTogether_AreOneSuccessors_OrItIsAskedForWhole()
    {
        await using var upstream = await SteeredUpstream.StartAsync(SteerManners.Takes);
        await using var server = await StartAsync(upstream.BaseUrl);
        await using var client = await server.ConnectAsync();
        var id = await HoldAsync(client);
        await client.SendAsync(Steer(id, "one"));
        await client.SendAsync(Steer(id, "two"));
        var ends = new List<JsonElement> { (await client.ReceiveTurnAsync())[^1].GetProperty("response") };
        ends.Add((await client.ReceiveTurnAsync())[^1].GetProperty("response"));
        var text = Text(ends[1]);
        // whatever the upstream had taken when it ended its response, nothing is lost and nothing is there twice
        if (text != "seen 4") Assert.Equal("seen 3", text);
        if (text == "seen 3")
            Assert.DoesNotContain(upstream.Frames, frame => frame.GetRawText().Contains("\"two\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Refuses")]
    [InlineData("Ignores")]
    [InlineData("KnowsNot")]
    [InlineData("TakesAndForgets")]
    [InlineData("TakesAndDies")]
    [InlineData("EndsAndDies")]
    [InlineData("Dies")]
    public async Task UpstreamThatDoesNotTakeIt_IsLeft_AndAskedWithTheWhole(string manners)
    {
        await using var upstream = await SteeredUpstream.StartAsync(Enum.Parse<SteerManners>(manners));
        await using var server = await StartAsync(upstream.BaseUrl, waits: Short);
        await using var client = await server.ConnectAsync();
        var (first, second) = await SteerAsync(client, "tea");
        Assert.Equal("steered", Reason(first));
        Assert.Equal("seen 1", Text(first));
        Assert.Equal(("completed", "seen 3"), (second.GetProperty("status").GetString(), Text(second)));
        Assert.False(upstream.Frames.Last().TryGetProperty("previous_response_id", out _));
    }

    [Fact]
    public async Task SecondSamovar_EndsAndFollows_ItsOwnResponse()
    {
        var backend = new ScriptedBackend(new IdSource());
        using var speaks = new SemaphoreSlim(0);
        backend.OnPhase = async (_, phase, ends) =>
        {
            if (phase == ScriptPhase.Speaking && backend.Turns == 1) await speaks.WaitAsync(ends);
        };
        await using var behind = await RunningServer.StartAsync(
            backend, new Dictionary<string, string?> { ["Turns:SteeredItemMax"] = "00:00:00" });
        await using var server = await StartAsync(new Uri(behind.Address, "/v1").ToString(), "samovar");
        await using var client = await server.ConnectAsync();
        var (first, second) = await SteerAsync(client, "[[final=STEERED]]");
        Assert.Equal("steered", Reason(first));
        Assert.NotEqual(JsonValueKind.Null, first.GetProperty("usage").ValueKind);
        Assert.Equal("STEERED", Text(second));
        Assert.Equal((2, 0), (backend.Turns, backend.Stopped)); // the steered one was ended, and not left
    }

    private static Task<RunningServer> StartAsync(string baseUrl, string dialect = "openai", string waits = Patient) =>
        RunningServer.StartAsync(null, new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Upstream:Pools:0:Name"] = "p",
            ["Upstream:Pools:0:Destinations:0:Name"] = "a",
            ["Upstream:Pools:0:Destinations:0:Kind"] = "responses-ws",
            ["Upstream:Pools:0:Destinations:0:Dialect"] = dialect,
            ["Upstream:Pools:0:Destinations:0:BaseUrl"] = baseUrl,
            ["Upstream:Pools:0:Destinations:0:Models:0"] = dialect == "samovar" ? "m=scripted" : "m",
            ["Upstream:SteeredEndTimeMax"] = waits,
            ["Upstream:SuccessorTimeMax"] = waits,
            ["Turns:SteeredItemMax"] = waits,
        });

    private static async Task<(JsonElement First, JsonElement Second)> SteerAsync(ClientSocket client, string words)
    {
        await client.SendAsync(Steer(await HoldAsync(client), words));
        var first = (await client.ReceiveTurnAsync())[^1].GetProperty("response");
        return (first, (await client.ReceiveTurnAsync())[^1].GetProperty("response"));
    }

    /// <summary>A response that speaks, and goes on.</summary>
    private static async Task<string> HoldAsync(ClientSocket client)
    {
        await client.SendAsync(Create($"{LongText} hold [[final=a long tale]]", null));
        var id = "";
        while (true)
        {
            var e = await client.ReceiveAsync();
            var type = e.GetProperty("type").GetString();
            if (type == "response.created") id = e.GetProperty("response").GetProperty("id").GetString()!;
            Assert.NotEqual("error", type);
            if (type == "response.output_text.delta") return id;
        }
    }

    private static string Create(string input, string? parent) =>
        $$"""{"type":"response.create","model":"m","store":false,"input":"{{input}}"{{Parent(parent)}}}""";

    private static string Parent(string? parent) => parent is null ? "" : $",\"previous_response_id\":\"{parent}\"";

    private static string Steer(string id, string words) =>
        $$"""{"type":"response.steer","previous_response_id":"{{id}}","input":{{Quoted(words)}} }""";

    private static string Quoted(string words) => words.StartsWith("[{", StringComparison.Ordinal) ? words : $"\"{words}\"";

    private static string? Reason(JsonElement response) => response.GetProperty("incomplete_details").GetProperty("reason").GetString();

    private static string Text(JsonElement response) =>
        string.Concat(response.GetProperty("output").EnumerateArray().Where(item => item.GetProperty("type").GetString() == "message")
            .SelectMany(item => item.GetProperty("content").EnumerateArray()).Select(part => part.GetProperty("text").GetString()));
}
