using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Samovar.Tests.Hosting;
using static Samovar.Tests.Hosting.SharingServer;

namespace Samovar.Cluster.Tests;

/// <summary>Clients that send all of their conversation each time, to any node: each turn runs where the conversation is warm.</summary>
public sealed class HomeTests(SharedDatabase database) : IClassFixture<SharedDatabase>
{
    private static readonly string[] Questions =
        ["Say the names of five rivers.", "And five mountains.", "And five lakes.", "And five seas."];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ChatConversation_AtEachNodeInTurn_IsAsWarmAsAtOne(bool isStored)
    {
        await using var nodes = await StartAsync(3);
        Node[] one = [nodes.A], all = [nodes.A, nodes.B, nodes.C];
        var direct = await ChatAsync(one, "Be brief.", isStored);
        var spread = await ChatAsync(all, "Be short.", isStored);
        foreach (var (here, there) in direct.Zip(spread).Skip(1))
        {
            Assert.True(there.Cached > 0);
            Assert.InRange(there.Input - there.Cached, 0, here.Input - here.Cached + 32); // of another answer's length
        }
    }

    [Fact]
    public async Task ChatConversation_OfAKilledHome_GoesOnElsewhere_Cold()
    {
        await using var nodes = await StartAsync(2);
        List<object> messages = [];
        await AskChatAsync(nodes.A, messages, Questions[0]);
        var (home, other) = await ReceivedAsync(nodes.B) > 0 ? (nodes.B, nodes.A) : (nodes.A, nodes.B);
        Assert.True((await AskChatAsync(nodes.B, messages, Questions[1])).Cached > 0);
        await home.KillAsync();
        Assert.Equal(0, (await AskChatAsync(other, messages, Questions[2])).Cached);
        Assert.True((await AskChatAsync(other, messages, Questions[3])).Cached > 0);
    }

    [Fact]
    public async Task StreamedMessages_AtEachNodeInTurn_AreWarm_FromTheSecondTurnOn()
    {
        await using var nodes = await StartAsync(3);
        Node[] all = [nodes.A, nodes.B, nodes.C];
        List<object> messages = [];
        for (var turn = 0; turn < Questions.Length; turn++)
        {
            messages.Add(new { role = "user", content = Questions[turn] });
            var (text, cached) = await StreamMessagesAsync(all[turn % all.Length], messages);
            messages.Add(new { role = "assistant", content = text });
            if (turn > 0) Assert.True(cached > 0, $"turn {turn}");
        }
        Assert.InRange(await ReceivedAsync(nodes.A) + await ReceivedAsync(nodes.B) + await ReceivedAsync(nodes.C), 2, 3);
    }

    [Fact]
    public async Task UnstoredResponses_OfOneSession_AreWarmAtAnyNode()
    {
        await using var nodes = await StartAsync(2);
        await AskSessionAsync(nodes.A);
        Assert.True((await AskSessionAsync(nodes.B)).CachedTokens > 0);
        Assert.Equal(1, await ReceivedAsync(nodes.A) + await ReceivedAsync(nodes.B));
    }

    [Fact]
    public async Task ClientThatLeaves_EndsItsTurnAtItsHome()
    {
        await using var nodes = await StartAsync(2);
        foreach (var node in (Node[])[nodes.A, nodes.B])
        {
            var ask = AskWithoutEnd();
            ask["store"] = false;
            using (var turn = await node.Server.StreamAsync(ask)) Assert.Equal(HttpStatusCode.OK, turn.Answer.StatusCode);
            await nodes.A.UntilIdleAsync();
            await nodes.B.UntilIdleAsync();
        }
    }

    [Fact]
    public async Task HomeThatDiesWhileItIsHeard_EndsTheStream_WithAnError()
    {
        await using var nodes = await StartAsync(2);
        var first = AskWithoutEnd(tokens: 16);
        first["store"] = false;
        await nodes.A.Server.CreateAsync(first);
        var (home, edge) = await ReceivedAsync(nodes.B) > 0 ? (nodes.B, nodes.A) : (nodes.A, nodes.B);
        var ask = AskWithoutEnd();
        ask["store"] = false;
        using var turn = await edge.Server.StreamAsync(ask);
        await home.KillAsync();
        var end = await turn.ReadEndAsync();
        Assert.Equal("error", end.GetProperty("type").GetString());
        Assert.Contains("node_lost", end.GetRawText(), StringComparison.Ordinal);
        await edge.Server.CreateAsync(first);
    }

    [Fact]
    public async Task HomeThatDiesBeforeAWholeAnswer_CostsNothing()
    {
        await using var nodes = await StartAsync(2);
        var ask = AskWithoutEnd();
        ask["store"] = false;
        await nodes.A.Server.CreateAsync(new(ask) { ["max_output_tokens"] = 16 });
        var (home, edge) = await ReceivedAsync(nodes.B) > 0 ? (nodes.B, nodes.A) : (nodes.A, nodes.B);
        var asking = edge.Server.CreateAsync(ask);
        await home.UntilRunningAsync();
        await home.KillAsync();
        Assert.True((await asking).IsWon);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Samovar-Cluster wrong-wrong-wrong-wrong-wrong-wrong-wrong-wrong")]
    public async Task PathsBetweenNodes_DoNotExist_ForOthers(string? key)
    {
        await using var nodes = await StartAsync(1);
        foreach (var path in (string[])["/v1/responses", "/v1/chat/completions", "/v1/messages", "/v1/conversations/conv_1/items"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/cluster/http" + path);
            request.Content = JsonContent.Create(Ask("Hi."));
            request.Headers.Add("samovar-tenant", "somebody");
            request.Headers.Add("samovar-flow", "somebody");
            if (key is not null) request.Headers.TryAddWithoutValidation("Authorization", key);
            using var answer = await nodes.A.Server.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    /// <summary>All know all: each computes the same homes.</summary>
    private async Task<Nodes> StartAsync(int count)
    {
        var nodes = await Nodes.StartAsync(database, count);
        await nodes.UntilAllSeenAsync();
        return nodes;
    }

    private static async Task<List<Counts>> ChatAsync(Node[] nodes, string system, bool isStored)
    {
        List<object> messages = [new { role = "system", content = system }];
        List<Counts> turns = [];
        for (var turn = 0; turn < Questions.Length; turn++)
            turns.Add(await AskChatAsync(nodes[turn % nodes.Length], messages, Questions[turn], isStored));
        return turns;
    }

    private static async Task<Counts> AskChatAsync(Node node, List<object> messages, string question, bool isStored = false)
    {
        messages.Add(new { role = "user", content = question });
        var answer = await node.Server.PostAsync("/v1/chat/completions",
            new { model = "m", messages, max_tokens = 24, temperature = 0, store = isStored });
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Body.GetRawText());
        var said = answer.Body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString();
        messages.Add(new { role = "assistant", content = said });
        var usage = answer.Body.GetProperty("usage");
        return new Counts(usage.GetProperty("prompt_tokens").GetInt32(),
            usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32());
    }

    private static async Task<(string Text, int Cached)> StreamMessagesAsync(Node node, List<object> messages)
    {
        using var answer = await node.Server.Http.PostAsJsonAsync("/v1/messages",
            new { model = "m", system = "Be short.", messages, max_tokens = 24, temperature = 0, stream = true });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var (text, cached) = ("", 0);
        var lines = await answer.Content.ReadAsStringAsync();
        foreach (var line in lines.Split('\n').Where(static line => line.StartsWith("data: {", StringComparison.Ordinal)))
        {
            var e = JsonDocument.Parse(line["data: ".Length..]).RootElement;
            var type = e.GetProperty("type").GetString();
            Assert.NotEqual("error", type);
            if (type == "content_block_delta" && e.GetProperty("delta").TryGetProperty("text", out var more)) text += more.GetString();
            if (type == "message_delta") cached = e.GetProperty("usage").GetProperty("cache_read_input_tokens").GetInt32();
        }
        return (text, cached);
    }

    private static async Task<Answer> AskSessionAsync(Node node)
    {
        var ask = Ask("Say the names of five rivers.");
        ask["store"] = false;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/responses") { Content = JsonContent.Create(ask) };
        request.Headers.Add("session-id", "one");
        using var answer = await node.Server.Http.SendAsync(request);
        return await Answer.OfAsync(answer);
    }

    /// <summary>Turns that other nodes sent there.</summary>
    private static async Task<long> ReceivedAsync(Node node) =>
        (await node.Server.GetAsync("/v1/samovar/status")).Body.GetProperty("cluster").GetProperty("relayed_in").GetInt64();

    private readonly record struct Counts(int Input, int Cached);
}
