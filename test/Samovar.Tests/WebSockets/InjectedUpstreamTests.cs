using System.Text.Json;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;

namespace Samovar.Tests.WebSockets;

/// <summary>
/// Outputs of calls that are given while an upstream speaks go up to it, and its answer comes down; what it does not take is kept.
/// </summary>
public sealed class InjectedUpstreamTests
{
    private const string Patient = "00:01:00", Short = "00:00:00.300"; // for answers that come; for those that never do

    [Theory]
    [InlineData("Takes")]
    [InlineData("TakesAndShows")]
    public async Task Upstream_GoesOnWithTheOutputs_InItsResponse_WhichHasThem(string manners)
    {
        await using var upstream = await InjectedUpstream.StartAsync(Enum.Parse<InjectManners>(manners));
        await using var server = await StartAsync(upstream.BaseUrl);
        await using var client = await server.ConnectAsync();
        var (id, call) = await HoldAsync(client, isAsync: false);
        await client.SendAsync(Inject(id, call));
        var turn = await client.ReceiveTurnAsync();
        Assert.Equal(id, turn.Single(e => Type(e) == "response.inject.created").GetProperty("response_id").GetString());
        var response = turn[^1].GetProperty("response");
        Assert.Equal(("completed", "seen 3"), (response.GetProperty("status").GetString(), Text(response)));
        Assert.Equal(["function_call", "function_call_output", "message"],
            response.GetProperty("output").EnumerateArray().Select(Type));
        var output = response.GetProperty("output")[1];
        Assert.Equal((call, "seven"), (output.GetProperty("call_id").GetString(), output.GetProperty("output").GetString()));
        Assert.NotEmpty(output.GetProperty("id").GetString()!);
        var next = await client.AskAsync(Create("more", id));
        Assert.Equal("seen 5", Text(next[^1].GetProperty("response")));
        Assert.Equal(1, upstream.Connections);
        Assert.Equal(["response.create", "response.inject", "response.create"], upstream.Frames.Select(Type));
        Assert.Single(upstream.Frames.Last().GetProperty("input").EnumerateArray());
    }

    [Fact]
    public async Task OutputThatAResponseHas_CannotBeGivenAgain()
    {
        await using var upstream = await InjectedUpstream.StartAsync(InjectManners.Takes);
        await using var server = await StartAsync(upstream.BaseUrl);
        await using var client = await server.ConnectAsync();
        var (id, call) = await HoldAsync(client, isAsync: true);
        await client.SendAsync(Inject(id, call));
        await client.ReceiveTurnAsync();
        var again = await client.AskAsync(Create(Output(call), id));
        Assert.Equal(("error", 400), (Type(again[^1]), again[^1].GetProperty("status").GetInt32()));
    }

    [Fact]
    public async Task Samovar_EndsItsResponse_AndFollowsItItself()
    {
        await using var upstream = await InjectedUpstream.StartAsync(InjectManners.Follows);
        await using var server = await StartAsync(upstream.BaseUrl, "samovar");
        await using var client = await server.ConnectAsync();
        var (id, call) = await HoldAsync(client, isAsync: true);
        await client.SendAsync(Inject(id, call));
        var first = await client.ReceiveTurnAsync();
        Assert.Contains("response.inject.created", first.Select(Type));
        Assert.Equal("response.incomplete", Type(first[^1]));
        var second = await client.ReceiveTurnAsync();
        Assert.Equal(("seen 3", id), (Text(second[^1].GetProperty("response")),
            second[^1].GetProperty("response").GetProperty("previous_response_id").GetString()));
        Assert.Equal(["response.create", "response.inject"], upstream.Frames.Select(Type));
        Assert.Equal(1, upstream.Connections);
    }

    [Fact]
    public async Task SecondSamovar_HasTheOutputs_AndIsAskedNothingElse()
    {
        var backend = new ScriptedBackend(new IdSource());
        var gate = new PhaseGate();
        backend.OnPhase = (_, phase, ends) => phase == ScriptPhase.Finishing && backend.Turns == 1 ? gate.PassAsync(ends) : default;
        await using var behind = await RunningServer.StartAsync(backend);
        await using var server = await StartAsync(new Uri(behind.Address, "/v1").ToString(), "samovar");
        await using var client = await server.ConnectAsync();
        var (id, call) = await HoldAsync(client, isAsync: true, "[[steps=1]][[final=AFTER]]");
        await client.SendAsync(Inject(id, call));
        await UntilAsync(client, "response.inject.created");
        gate.Open();
        Assert.True(ClientSocket.IsTerminal((await client.ReceiveTurnAsync())[^1]));
        var second = (await client.ReceiveTurnAsync())[^1].GetProperty("response");
        Assert.Equal(("AFTER", id), (Text(second), second.GetProperty("previous_response_id").GetString()));
        Assert.Equal((2, 0), (backend.Turns, backend.Stopped));
    }

    [Theory]
    [InlineData("response_already_completed")]
    [InlineData("response_not_found")]
    [InlineData("response_not_active")]
    [InlineData("invalid_input")]
    public async Task Refusal_IsTheClients_AndTheResponseGoesOn(string code)
    {
        await using var upstream = await InjectedUpstream.StartAsync(InjectManners.Fails, code);
        await using var server = await StartAsync(upstream.BaseUrl);
        await using var client = await server.ConnectAsync();
        var (id, call) = await HoldAsync(client, isAsync: true);
        await client.SendAsync(Inject(id, call));
        var turn = await client.ReceiveTurnAsync();
        var failed = turn.Single(e => Type(e) == "response.inject.failed");
        Assert.Equal((code, id, call), (failed.GetProperty("error").GetProperty("code").GetString(),
            failed.GetProperty("response_id").GetString(), failed.GetProperty("input")[0].GetProperty("call_id").GetString()));
        Assert.Equal(turn.Select(e => e.GetProperty("sequence_number").GetInt32()),
            Enumerable.Range(turn[0].GetProperty("sequence_number").GetInt32(), turn.Count));
        Assert.DoesNotContain("response.inject.created", turn.Select(Type));
        Assert.Equal("completed", turn[^1].GetProperty("response").GetProperty("status").GetString());
        var late = await client.AskAsync(Create(Output(call), id)); // it was not taken: it may be given still
        Assert.Equal("seen 4", Text(late[^1].GetProperty("response")));
        Assert.Equal(1, upstream.Connections);
    }

    [Theory]
    [InlineData("steering_not_supported")]
    [InlineData("too_many_pending_steers")]
    [InlineData("of_its_own")]
    public async Task OutputsThatTheUpstreamDoesNotDoItself_FollowItsResponse(string code)
    {
        await using var upstream = await InjectedUpstream.StartAsync(InjectManners.Fails, code);
        await AssertFollowedAsync(upstream, isSteered: null);
    }

    [Fact]
    public async Task ResponseThatEndsInThatMoment_SendsThemBack_BehindNothingElse()
    {
        await using var upstream = await InjectedUpstream.StartAsync(InjectManners.EndsFirst);
        await using var server = await StartAsync(upstream.BaseUrl);
        await using var client = await server.ConnectAsync();
        var (id, call) = await HoldAsync(client, isAsync: true);
        await client.SendAsync(Inject(id, call));
        var turn = await client.ReceiveTurnAsync();
        var failed = turn.Single(e => Type(e) == "response.inject.failed");
        Assert.Equal("response_already_completed", failed.GetProperty("error").GetProperty("code").GetString());
        var next = await client.AskAsync(Create(Output(call), id));
        Assert.Equal("seen 4", Text(next[^1].GetProperty("response")));
        Assert.Equal(1, upstream.Connections); // its socket is kept
    }

    [Fact]
    public async Task AnswerBehindTheEnd_IsTaken()
    {
        await using var upstream = await InjectedUpstream.StartAsync(InjectManners.TakesBehindTheEnd);
        await using var server = await StartAsync(upstream.BaseUrl);
        await using var client = await server.ConnectAsync();
        var (id, call) = await HoldAsync(client, isAsync: true);
        await client.SendAsync(Inject(id, call));
        var turn = await client.ReceiveTurnAsync();
        Assert.Contains("response.inject.created", turn.Select(Type));
        Assert.Equal(["function_call", "message", "function_call_output"],
            turn[^1].GetProperty("response").GetProperty("output").EnumerateArray().Select(Type));
        var next = await client.AskAsync(Create("more", id));
        Assert.Equal("seen 5", Text(next[^1].GetProperty("response")));
    }

    [Fact]
    public async Task AnswersInAnotherOrder_GoWhereTheyBelong()
    {
        await using var upstream = await InjectedUpstream.StartAsync(InjectManners.AnswersSwapped);
        await using var server = await StartAsync(upstream.BaseUrl);
        await using var client = await server.ConnectAsync();
        var (id, first) = await HoldAsync(client, isAsync: true, "twice");
        var second = (await UntilAsync(client, "response.output_item.done")).GetProperty("item").GetProperty("call_id").GetString()!;
        await client.SendAsync(Inject(id, first));
        await client.SendAsync(Inject(id, first)); // while the first has no answer
        Assert.Equal(400, (await Soon.In(client.ReceiveAsync())).GetProperty("status").GetInt32());
        await client.SendAsync(Inject(id, second));
        var turn = await client.ReceiveTurnAsync();
        Assert.Equal(["response.inject.failed", "response.inject.created"],
            turn.Select(Type).Where(type => type!.StartsWith("response.inject", StringComparison.Ordinal)));
        Assert.Equal(second, turn.Single(e => Type(e) == "response.inject.failed").GetProperty("input")[0]
            .GetProperty("call_id").GetString());
        Assert.Equal(first, turn[^1].GetProperty("response").GetProperty("output").EnumerateArray()
            .Single(item => Type(item) == "function_call_output").GetProperty("call_id").GetString());
        Assert.Equal(2, upstream.Frames.Count(frame => Type(frame) == "response.inject"));
    }

    [Theory]
    [InlineData("KnowsNot")]
    [InlineData("KnowsNotAndCloses")]
    [InlineData("Ignores")]
    [InlineData("Dies")]
    public async Task UpstreamThatDoesNotTakeThem_IsLeft_AndAskedWithTheWhole(string manners)
    {
        await using var upstream = await InjectedUpstream.StartAsync(Enum.Parse<InjectManners>(manners));
        await AssertFollowedAsync(upstream, isSteered: true, TimeFor(manners));
    }

    [Fact]
    public async Task AnswerThatNeverComes_BehindTheEnd_IsWaitedForInItsTime()
    {
        await using var upstream = await InjectedUpstream.StartAsync(InjectManners.EndsSilently);
        await AssertFollowedAsync(upstream, isSteered: false, Short);
    }

    [Theory]
    [InlineData("KnowsNot", 1)]
    [InlineData("Ignores", 1)]
    [InlineData("Dies", 2)]
    public async Task UpstreamThatDoesNotKnowTheFrame_IsNotSentItAgain(string manners, int frames)
    {
        await using var upstream = await InjectedUpstream.StartAsync(Enum.Parse<InjectManners>(manners));
        await using var server = await StartAsync(upstream.BaseUrl, answerTime: TimeFor(manners));
        await using var client = await server.ConnectAsync();
        for (var round = 0; round < 2; round++)
        {
            var (id, call) = await HoldAsync(client, isAsync: true);
            await client.SendAsync(Inject(id, call));
            await client.ReceiveTurnAsync();
            Assert.Equal("seen 3", Text((await client.ReceiveTurnAsync())[^1].GetProperty("response")));
        }
        Assert.Equal(frames, upstream.Frames.Count(frame => Type(frame) == "response.inject"));
    }

    private static string TimeFor(string manners) => manners == nameof(InjectManners.Ignores) ? Short : Patient;

    /// <summary>The client is told that they are queued; the response ends, and the next one has them, once.</summary>
    private static async Task AssertFollowedAsync(InjectedUpstream upstream, bool? isSteered, string answerTime = Patient)
    {
        await using var server = await StartAsync(upstream.BaseUrl, answerTime: answerTime);
        await using var client = await server.ConnectAsync();
        var (id, call) = await HoldAsync(client, isAsync: true);
        await client.SendAsync(Inject(id, call));
        var first = await client.ReceiveTurnAsync();
        Assert.Single(first, e => Type(e) == "response.inject.created");
        if (isSteered is { } steered) Assert.Equal(steered ? "response.incomplete" : "response.completed", Type(first[^1]));
        var second = (await client.ReceiveTurnAsync())[^1].GetProperty("response");
        var messages = first[^1].GetProperty("response").GetProperty("output").GetArrayLength() - 1;
        Assert.Equal(("completed", $"seen {3 + messages}"), (second.GetProperty("status").GetString(), Text(second)));
        Assert.False(upstream.Frames.Last().TryGetProperty("previous_response_id", out _));
        var next = await client.AskAsync(Create("more", second.GetProperty("id").GetString()));
        Assert.Equal($"seen {5 + messages}", Text(next[^1].GetProperty("response")));
    }

    private static Task<RunningServer> StartAsync(string baseUrl, string dialect = "openai", string answerTime = Patient) =>
        RunningServer.StartAsync(null, new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Upstream:Pools:0:Name"] = "p",
            ["Upstream:Pools:0:Destinations:0:Name"] = "a",
            ["Upstream:Pools:0:Destinations:0:Kind"] = "responses-ws",
            ["Upstream:Pools:0:Destinations:0:Dialect"] = dialect,
            ["Upstream:Pools:0:Destinations:0:BaseUrl"] = baseUrl,
            ["Upstream:Pools:0:Destinations:0:Models:0"] = dialect == "samovar" ? "m=scripted" : "m",
            ["Upstream:InjectAnswerTimeMax"] = answerTime,
            ["Upstream:SuccessorTimeMax"] = Patient,
        });

    /// <summary>A response that has made a call, and goes on; its id and the call's.</summary>
    private static async Task<(string Id, string Call)> HoldAsync(ClientSocket client, bool isAsync, string words = "")
    {
        await client.SendAsync($$"""{"type":"response.create","model":"m","store":false,{{Tools(isAsync)}},"input":"hold {{words}}"}""");
        var id = (await UntilAsync(client, "response.created")).GetProperty("response").GetProperty("id").GetString()!;
        var done = await UntilAsync(client, "response.output_item.done");
        return (id, done.GetProperty("item").GetProperty("call_id").GetString()!);
    }

    private static async Task<JsonElement> UntilAsync(ClientSocket socket, string type)
    {
        while (true)
        {
            var e = await Soon.In(socket.ReceiveAsync());
            if (Type(e) == type) return e;
            Assert.NotEqual("error", Type(e));
        }
    }

    private static string Tools(bool isAsync) =>
        $$$"""
        "tools":[{"type":"function","name":"look","async":{{{(isAsync ? "true" : "false")}}},"parameters":{"type":"object"}}]
        """;

    private static string Create(string input, string? parent) =>
        $$"""{"type":"response.create","model":"m","store":false,{{Tools(true)}},"input":{{Quoted(input)}},""" +
        $$""" "previous_response_id":"{{parent}}"}""";

    private static string Quoted(string input) => input[0] == '[' ? input : $"\"{input}\"";

    private static string Output(string call) => $$"""[{"type":"function_call_output","call_id":"{{call}}","output":"seven"}]""";

    private static string Inject(string id, string call) =>
        $$"""{"type":"response.inject","response_id":"{{id}}","input":{{Output(call)}}}""";

    private static string? Type(JsonElement e) => e.GetProperty("type").GetString();

    private static string Text(JsonElement response) => response.GetProperty("output").EnumerateArray()
        .Last(item => Type(item) == "message").GetProperty("content")[0].GetProperty("text").GetString()!;
}
