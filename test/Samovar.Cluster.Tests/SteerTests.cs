using System.Text.Json;
using Samovar.Testing.Servers;
using Samovar.Tests.Hosting;
using static Samovar.Tests.Hosting.SharingServer;

namespace Samovar.Cluster.Tests;

/// <summary>What a client says to its turn that another node makes.</summary>
public sealed class SteerTests(SharedDatabase database) : IClassFixture<SharedDatabase>
{
    private static readonly (string, string) AtOnce = ("Turns__SteeredItemMax", "00:00:00");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Words_EndTheResponseAtItsOwner_AndWhatFollowsHasThem_Warm(bool resumes)
    {
        await using var nodes = await Nodes.StartAsync(database, 2, AtOnce);
        var first = await nodes.A.Server.CreateAsync(Ask("Say the names of five rivers."));
        await using var socket = await ConnectAsync(nodes.B, resumes);
        var (id, seen) = await BeginAsync(socket, AskWithoutEnd(first.Id));
        await socket.SendAsync($$"""{"type":"response.steer","previous_response_id":"{{id}}","input":"Say hello."}""");
        seen.AddRange(await socket.ReceiveTurnAsync());
        Assert.Equal(Enumerable.Range(0, seen.Count), seen.Select(Number));
        Assert.Contains("response.steer.accepted", seen.Select(Type));
        var steered = seen[^1].GetProperty("response");
        Assert.Equal("steered", steered.GetProperty("incomplete_details").GetProperty("reason").GetString());
        var next = await socket.ReceiveTurnAsync();
        Assert.Equal(Enumerable.Range(0, next.Count), next.Select(Number));
        var following = next[^1].GetProperty("response");
        Assert.Equal(id, following.GetProperty("previous_response_id").GetString());
        Assert.Equal("Be short.", following.GetProperty("instructions").GetString());
        Assert.True(Cached(following) > first.InputTokens, following.GetProperty("usage").GetRawText());
        Assert.Contains("Say hello.", await InputOfAsync(nodes.A, following), StringComparison.Ordinal);
        await nodes.UntilTheyOwnAsync(1, 0);
        var bare = (await socket.AskAsync("""{"input":"And five lakes.","max_output_tokens":16}"""))[^1].GetProperty("response");
        Assert.Equal(following.GetProperty("id").GetString(), bare.GetProperty("previous_response_id").GetString());
    }

    [Fact]
    public async Task Words_ForATurnThatIsOver_AreGivenBack()
    {
        await using var nodes = await Nodes.StartAsync(database, 2);
        var first = await nodes.A.Server.CreateAsync(Ask("Say the names of five rivers."));
        await using var socket = await ConnectAsync(nodes.B, resumes: false);
        var (id, _) = await BeginAsync(socket, Ask("And five mountains.", first.Id, tokens: 16));
        await socket.ReceiveTurnAsync();
        await socket.SendAsync($$"""{"type":"response.steer","previous_response_id":"{{id}}","input":"Say hello."}""");
        var failed = await socket.ReceiveAsync();
        Assert.Equal("response.steer.failed", Type(failed));
        Assert.Contains("Say hello.", failed.GetRawText(), StringComparison.Ordinal);
        await socket.AskAsync("""{"input":"And five lakes.","max_output_tokens":16}""");
    }

    [Fact]
    public async Task OutputThatNobodyWaitsFor_IsRefusedByTheOwner_BehindTheTurn()
    {
        await using var nodes = await Nodes.StartAsync(database, 2);
        var first = await nodes.A.Server.CreateAsync(Ask("Say the names of five rivers."));
        await using var socket = await ConnectAsync(nodes.B, resumes: false);
        var (id, seen) = await BeginAsync(socket, AskWithoutEnd(first.Id, tokens: 400));
        const string output = """{"type":"function_call_output","call_id":"call_unknown","output":"7"}""";
        await socket.SendAsync($$"""{"type":"response.inject","response_id":"{{id}}","input":[{{output}}]}""");
        seen.AddRange(await socket.ReceiveTurnAsync());
        Assert.DoesNotContain("response.inject.created", seen.Select(Type));
        Assert.Equal("response.inject.failed", Type(await socket.ReceiveAsync()));
        await socket.AskAsync("""{"input":"And five lakes.","max_output_tokens":16}""");
    }

    /// <returns>The response, and what came of it until its first words.</returns>
    private static async Task<(string Id, List<JsonElement> Seen)> BeginAsync(ClientSocket socket, Dictionary<string, object?> ask)
    {
        ask["type"] = "response.create";
        await socket.SendAsync(JsonSerializer.Serialize(ask));
        List<JsonElement> seen = [];
        do seen.Add(await socket.ReceiveAsync());
        while (Type(seen[^1]) != "response.output_text.delta");
        return (seen[0].GetProperty("response").GetProperty("id").GetString()!, seen);
    }

    private static Task<ClientSocket> ConnectAsync(Node node, bool resumes) => ClientSocket.ConnectAsync(node.Socket, options =>
    {
        if (resumes) options.SetRequestHeader("x-samovar-resume", "true");
    });

    private static async Task<string> InputOfAsync(Node at, JsonElement response) =>
        (await at.Server.GetAsync($"/v1/responses/{response.GetProperty("id").GetString()}/input_items")).Body.GetRawText();

    private static int Cached(JsonElement response) =>
        response.GetProperty("usage").GetProperty("input_tokens_details").GetProperty("cached_tokens").GetInt32();

    private static string? Type(JsonElement e) => e.GetProperty("type").GetString();
    private static int Number(JsonElement e) => e.GetProperty("sequence_number").GetInt32();
}
