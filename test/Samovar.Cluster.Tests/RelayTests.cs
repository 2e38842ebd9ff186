using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Samovar.Testing.Servers;
using Samovar.Tests.Hosting;
using static Samovar.Tests.Hosting.SharingServer;

namespace Samovar.Cluster.Tests;

/// <summary>Turns of one conversation that come to any node: each runs where the conversation is warm.</summary>
public sealed class RelayTests(SharedDatabase database) : IClassFixture<SharedDatabase>
{
    [Fact]
    public async Task Continuation_AtAnotherNode_RunsAtItsOwner_AsWarmAsThere()
    {
        await using var nodes = await Nodes.StartAsync(database, 3);
        var first = await nodes.A.Server.CreateAsync(Ask("Say the names of five rivers."));
        var direct = await nodes.A.Server.CreateAsync(Ask("And five mountains.", first.Id));
        var relayed = await nodes.B.Server.CreateAsync(Ask("And five mountains.", first.Id));
        Assert.Equal(direct.Text, relayed.Text);
        Assert.Equal(direct.InputTokens, relayed.InputTokens);
        Assert.InRange(relayed.CachedTokens, direct.CachedTokens, relayed.InputTokens);
        var third = await nodes.C.Server.CreateAsync(Ask("And five lakes.", relayed.Id));
        Assert.InRange(third.CachedTokens, relayed.InputTokens, third.InputTokens); // all of what came before is warm
        await nodes.UntilTheyOwnAsync(1, 0, 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Thread_OfMessages_AtAnotherNode_RunsAtItsOwner_AsWarmAsThere(bool streams)
    {
        await using var nodes = await Nodes.StartAsync(database, 2);
        var first = await ThreadAsync(nodes.A, streams, "Say the names of five rivers.");
        var direct = await ThreadAsync(nodes.A, streams, "And five mountains.", first.Id);
        var relayed = await ThreadAsync(nodes.B, streams, "And five mountains.", first.Id);
        Assert.Equal(direct.Said, relayed.Said);
        Assert.True(relayed.Cached >= direct.Cached && direct.Cached > 0, $"{direct} {relayed}");
        await nodes.UntilTheyOwnAsync(1, 0);
        var last = await ThreadAsync(nodes.A, streams, "And five lakes.", relayed.Id);
        Assert.True(last.Cached > relayed.Cached, $"{relayed} {last}");
        var result = new { type = "tool_result", tool_use_id = "toolu_unknown", content = "7" };
        var (here, there) = (await AnswerAsync(nodes.A), await AnswerAsync(nodes.B));
        Assert.Equal(HttpStatusCode.BadRequest, there.Status);
        Assert.Equal(Told(here), Told(there));

        Task<Answer> AnswerAsync(Node node) => node.Server.PostAsync("/v1/messages", Threaded(new[] { result }, first.Id, streams: false));
        static string Told(Answer answer) => answer.Body.GetProperty("error").GetRawText();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // as the built-in agent does
    public async Task Socket_AtAnotherNode_GoesOnByBareFrames_WithTheSettingsOfItsConversation(bool resumes)
    {
        await using var nodes = await Nodes.StartAsync(database, 2);
        var first = await nodes.A.Server.CreateAsync(Ask("Say the names of five rivers."));
        await using var socket = await ConnectAsync(nodes.B, resumes);
        var frame = Ask("And five mountains.", first.Id);
        frame["type"] = "response.create";
        var named = (await socket.AskAsync(JsonSerializer.Serialize(frame)))[^1].GetProperty("response");
        var bare = (await socket.AskAsync("""{"input":"And five lakes.","max_output_tokens":16}"""))[^1].GetProperty("response");
        Assert.Equal(named.GetProperty("id").GetString(), bare.GetProperty("previous_response_id").GetString());
        Assert.Equal("Be short.", bare.GetProperty("instructions").GetString());
        Assert.True(Cached(bare) >= Input(named), bare.GetProperty("usage").GetRawText());

        var endless = AskWithoutEnd().Where(static field => field.Key is "logit_bias" or "max_output_tokens").ToDictionary();
        await socket.SendAsync(JsonSerializer.Serialize(new Dictionary<string, object?>(endless) { ["input"] = "And all cities." }));
        await socket.ReceiveAsync();
        await socket.SendAsync("""{"type":"response.cancel"}""");
        Assert.Equal("cancelled", (await socket.ReceiveTurnAsync())[^1].GetProperty("response").GetProperty("status").GetString());
        var behind = (await socket.AskAsync("""{"input":"And five seas.","max_output_tokens":16}"""))[^1].GetProperty("response");
        Assert.Equal(bare.GetProperty("id").GetString(), behind.GetProperty("previous_response_id").GetString());
    }

    [Fact]
    public async Task BareFrame_BehindATurnThatIsReadOnAtAnotherNode_GoesOnFromThatTurn()
    {
        await using var nodes = await Nodes.StartAsync(database, 2);
        await using var lost = await ConnectAsync(nodes.A);
        var frame = Ask("Count to a million.", tokens: 400);
        frame["type"] = "response.create";
        await lost.SendAsync(JsonSerializer.Serialize(frame));
        var id = (await lost.ReceiveAsync()).GetProperty("response").GetProperty("id").GetString();
        lost.Drop();
        await using var socket = await ConnectAsync(nodes.B);
        var read = await socket.AskAsync($$"""{"type":"response.resume","response_id":"{{id}}","starting_after":0}""");
        Assert.Equal(id, read[^1].GetProperty("response").GetProperty("id").GetString());
        var bare = (await socket.AskAsync("""{"input":"And five lakes.","max_output_tokens":16}"""))[^1].GetProperty("response");
        Assert.Equal(id, bare.GetProperty("previous_response_id").GetString());
        Assert.Equal("Be short.", bare.GetProperty("instructions").GetString());
    }

    [Fact]
    public async Task Events_OfARelayedTurn_AreThoseOfItsOwner_InOrder()
    {
        await using var nodes = await Nodes.StartAsync(database, 2);
        var first = await nodes.A.Server.CreateAsync(Ask("Say the names of five rivers."));
        await using var socket = await ClientSocket.ConnectAsync(nodes.B.Socket);
        var frame = Ask("And five mountains.", first.Id);
        frame["type"] = "response.create";
        var events = await socket.AskAsync(JsonSerializer.Serialize(frame));
        Assert.Equal(Enumerable.Range(0, events.Count), events.Select(e => e.GetProperty("sequence_number").GetInt32()));
        Assert.Equal("response.created", events[0].GetProperty("type").GetString());
        var id = events[^1].GetProperty("response").GetProperty("id").GetString();
        Assert.Equal(id, events[0].GetProperty("response").GetProperty("id").GetString());
        var stored = await nodes.A.Server.GetAsync($"/v1/responses/{id}");
        Assert.Equal(stored.Body.GetProperty("output").GetRawText(), events[^1].GetProperty("response").GetProperty("output").GetRawText());
    }

    [Fact]
    public async Task WhatIsWrong_IsSaidByTheOwner_AndIsTheClients()
    {
        await using var nodes = await Nodes.StartAsync(database, 2);
        var first = await nodes.A.Server.CreateAsync(Ask("Say the names of five rivers."));
        var wrong = Ask("And five mountains.", first.Id);
        wrong["input"] = new object[] { new { type = "function_call_output", call_id = "call_unknown", output = "7" } };
        var (here, there) = (await nodes.A.Server.TryAsync(wrong), await nodes.B.Server.TryAsync(wrong));
        Assert.Equal(HttpStatusCode.BadRequest, there.Status);
        Assert.Equal(here.Body.GetRawText(), there.Body.GetRawText());
        var unknown = await nodes.B.Server.TryAsync(Ask("Go on.", "resp_unknown"));
        Assert.Equal("previous_response_not_found", unknown.Code);
    }

    [Fact]
    public async Task Cancel_AtTheEdge_EndsTheTurnAtItsOwner()
    {
        await using var nodes = await Nodes.StartAsync(database, 2);
        var first = await nodes.A.Server.CreateAsync(Ask("Say the names of five rivers."));
        using (var turn = await nodes.B.Server.StreamAsync(AskWithoutEnd(first.Id)))
            await nodes.A.UntilRunningAsync();
        await nodes.A.UntilIdleAsync(); // its client is gone
        await nodes.B.UntilIdleAsync();
        await nodes.B.Server.CreateAsync(Ask("And five mountains.", first.Id));
    }

    private static Task<ClientSocket> ConnectAsync(Node node, bool resumes = true) => ClientSocket.ConnectAsync(node.Socket, options =>
    {
        if (resumes) options.SetRequestHeader("x-samovar-resume", "true");
    });

    private static int Cached(JsonElement response) =>
        response.GetProperty("usage").GetProperty("input_tokens_details").GetProperty("cached_tokens").GetInt32();

    private static int Input(JsonElement response) => response.GetProperty("usage").GetProperty("input_tokens").GetInt32();

    private static object Threaded(object said, string? previous, bool streams) => new
    {
        model = "m", max_tokens = 24, temperature = 0, stream = streams, system = previous is null ? "Be short." : null,
        messages = new[] { new { role = "user", content = said } },
        thread = (object)(previous is null ? new { type = "create" } : new { type = "continue", previous_message_id = previous }),
        stop_sequences = new[] { "never said" },
    };

    /// <summary>A turn of a thread, with all that was said but names and counts.</summary>
    private static async Task<(string Id, string Said, int Cached)> ThreadAsync(
        Node node, bool streams, string text, string? previous = null)
    {
        using var answer = await node.Server.Http.PostAsJsonAsync("/v1/messages", Threaded(text, previous, streams));
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, body);
        if (!streams) return Of(JsonDocument.Parse(body).RootElement, JsonDocument.Parse(body).RootElement, "content", "stop_reason");
        var events = body.Split('\n').Where(static line => line.StartsWith("data: {", StringComparison.Ordinal))
            .Select(static line => JsonDocument.Parse(line["data: ".Length..]).RootElement).ToList();
        var (id, _, cached) = Of(events[0].GetProperty("message"), events[^2]);
        return (id, string.Concat(events.Where(static e => !e.TryGetProperty("usage", out _)).Skip(1).Select(static e => e.GetRawText())),
            cached);

        static (string, string, int) Of(JsonElement message, JsonElement end, params string[] said) => (
            message.GetProperty("id").GetString()!, string.Concat(said.Select(name => message.GetProperty(name).GetRawText())),
            end.GetProperty("usage").GetProperty("cache_read_input_tokens").GetInt32());
    }
}
