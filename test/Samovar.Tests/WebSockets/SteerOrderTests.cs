using System.Text.Json;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;

namespace Samovar.Tests.WebSockets;

/// <summary>Frames that speak to responses in orders that no client should use: each has its one clear answer, here and in front of an
/// upstream.</summary>
public sealed class SteerOrderTests : IAsyncLifetime
{
    private const string Function = ""","tools":[{"type":"function","name":"exec_command","async":true,"parameters":{"type":"object"}}]""";
    private readonly ScriptedBackend _backend = new(new IdSource());
    private readonly PhaseGate _gate = new();
    private SteeredUpstream _upstream = null!;

    public static TheoryData<bool> Both => [false, true];

    public async ValueTask InitializeAsync() => _upstream = await SteeredUpstream.StartAsync(SteerManners.Ignores);

    public ValueTask DisposeAsync()
    {
        _gate.Open();
        return _upstream.DisposeAsync();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task SteerBeforeItsResponseIsNamed_FindsNone(bool isGateway)
    {
        await using var server = await StartAsync(isGateway);
        await using var client = await server.ConnectAsync();
        await client.SendAsync(Create("hold"));
        await client.SendAsync(Steer("resp_guessed", "x"));
        Assert.Equal("response_not_found", await FailedCodeAsync(client));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task SteerOfAnotherConnectionsResponse_FindsNone_AndDoesNotTouchIt(bool isGateway)
    {
        await using var server = await StartAsync(isGateway);
        await using var owner = await server.ConnectAsync();
        await using var other = await server.ConnectAsync();
        var id = await HoldAsync(owner);
        await other.SendAsync(Steer(id, "x"));
        Assert.Equal("response_not_found", await FailedCodeAsync(other));
        await other.SendAsync($$"""{"type":"response.inject","response_id":"{{id}}","input":{{Output("c")}}}""");
        Assert.Equal("response_not_found", await FailedCodeAsync(other));
        await owner.SendAsync("""{"type":"response.cancel"}""");
        var rest = await owner.ReceiveTurnAsync();
        Assert.DoesNotContain(rest, e => Type(e)!.StartsWith("response.steer", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task ThirtyThirdSteer_IsOneTooMany_AndTheOthersAreSentBackInOrder(bool isGateway)
    {
        await using var server = await StartAsync(isGateway);
        await using var client = await server.ConnectAsync();
        var id = await HoldAsync(client);
        for (var at = 0; at < 33; at++) await client.SendAsync(Steer(id, $"{at}"));
        var (accepted, refused) = (0, 0);
        while (accepted + refused < 33)
        {
            var e = await Soon.In(client.ReceiveAsync());
            if (Type(e) == "response.steer.accepted") accepted++;
            if (Type(e) != "response.steer.failed") continue;
            refused++;
            Assert.Equal(("too_many_pending_steers", "32"), (Code(e), e.GetProperty("steer").GetProperty("input").GetString()));
        }
        Assert.Equal((32, 1), (accepted, refused));
        await client.SendAsync("""{"type":"response.cancel"}""");
        Assert.Equal("response.failed", Type((await client.ReceiveTurnAsync())[^1]));
        for (var at = 0; at < 32; at++)
        {
            var e = await Soon.In(client.ReceiveAsync());
            Assert.Equal(("successor_creation_failed", $"{at}"), (Code(e), e.GetProperty("steer").GetProperty("input").GetString()));
        }
    }

    [Theory, MemberData(nameof(Both))]
    public async Task SteerAndCancelAtOnce_EndInOneResponse_AndTheWordsSentBack(bool isGateway)
    {
        await using var server = await StartAsync(isGateway);
        await using var client = await server.ConnectAsync();
        for (var round = 0; round < 5; round++)
        {
            var id = await HoldAsync(client);
            await client.SendAsync(Steer(id, "x"));
            await client.SendAsync($$"""{"type":"response.cancel","response_id":"{{id}}"}""");
            await client.SendAsync(Steer(id, "y"));
            var seen = new List<JsonElement>();
            while (seen.Count(e => Type(e) == "response.steer.failed") < 2) seen.Add(await Soon.In(client.ReceiveAsync()));
            Assert.Single(seen, ClientSocket.IsTerminal);
            Assert.Single(seen, e => Type(e) == "response.steer.failed"
                && e.GetProperty("steer").GetProperty("input").GetString() == "x" && Code(e) == "successor_creation_failed");
            Assert.Contains(Code(seen.Last(e => e.GetRawText().Contains("\"y\"", StringComparison.Ordinal))),
                new[] { "successor_creation_failed", "response_not_active", "response_already_completed" });
        }
        Assert.Equal("response.completed", Type((await client.AskAsync(Create("[[final=x]]")))[^1]));
    }

    [Theory]
    [InlineData(""","context_management":[{"type":"compaction","compact_threshold":1000}]""", "hold")]
    [InlineData(""","generate":false""", "hold")]
    public async Task ResponseThatIsCompactedOrWarmedUp_TakesNoWords(string fields, string text)
    {
        await using var server = await StartAsync(isGateway: false);
        await using var client = await server.ConnectAsync();
        var id = await HoldAsync(client, text, fields, ScriptPhase.Finishing);
        await client.SendAsync(Steer(id, "x"));
        Assert.Equal("steering_not_supported", await FailedCodeAsync(client));
        await client.SendAsync($$"""{"type":"response.inject","response_id":"{{id}}","input":{{Output("call_x")}}}""");
        var e = await UntilAsync(client, "error", "response.inject.failed");
        Assert.Contains(Code(e), new[] { "steering_not_supported", "invalid_request_error" });
        _gate.Open();
        Assert.Equal("response.completed", Type((await client.ReceiveTurnAsync())[^1]));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task OutputForACallThatNobodyMade_IsAnErrorAtOnce_InTheResponsesLane(bool isGateway)
    {
        await using var server = await StartAsync(isGateway);
        await using var client = await server.ConnectAsync();
        var id = await HoldAsync(client, "hold", ""","stream_id":"side" """);
        await client.SendAsync($$"""{"type":"response.inject","response_id":"{{id}}","input":{{Output("call_x")}}}""");
        var error = await UntilAsync(client, "error"); // while the response runs
        Assert.Equal(("side", 400), (error.GetProperty("stream_id").GetString(), error.GetProperty("status").GetInt32()));
        await client.SendAsync("""{"type":"response.cancel","stream_id":"side"}""");
        Assert.Equal("response.failed", Type((await client.ReceiveTurnAsync())[^1]));
    }

    [Theory]
    [InlineData("""{"type":"response.steer","previous_response_id":"r","input":"a","input":"b"}""",
        "response.steer.failed", "invalid_input")]
    [InlineData("""{"type":"response.steer","previous_response_id":"r","previous_response_id":"s","input":"a"}""",
        "response.steer.failed", "invalid_input")]
    [InlineData("""{"type":"response.steer","previous_response_id":"r","input":null}""", "response.steer.failed", "invalid_input")]
    [InlineData("""{"type":"response.steer","previous_response_id":null,"input":"x"}""", "response.steer.failed", "invalid_input")]
    [InlineData("""{"type":"response.steer"}""", "response.steer.failed", "invalid_input")]
    [InlineData("""{"type":"response.inject","response_id":"r","response_id":"s","input":[]}""", "error", "duplicate_parameter")]
    [InlineData("""{"type":"response.inject","response_id":7,"input":[]}""", "error", "invalid_type")]
    [InlineData("""{"type":"response.inject","response_id":"r","input":"x"}""", "error", "invalid_type")]
    [InlineData("""{"type":"response.inject","response_id":"r","input":null}""", "error", "missing_required_parameter")]
    public async Task OddFrame_HasItsAnswer(string frame, string type, string code)
    {
        await using var server = await StartAsync(isGateway: false);
        await using var client = await server.ConnectAsync();
        await client.SendAsync(frame);
        var answer = await Soon.In(client.ReceiveAsync());
        Assert.Equal((type, code), (Type(answer), Code(answer)));
    }

    [Fact]
    public async Task AsynchronousOutput_MayComeNever_AndOnceOnly()
    {
        await using var server = await StartAsync(isGateway: false);
        await using var client = await server.ConnectAsync();
        var made = (await client.AskAsync(Create("[[steps=1]]", Function)))[^1].GetProperty("response");
        var (id, call) = (made.GetProperty("id").GetString()!, made.GetProperty("output")[0].GetProperty("call_id").GetString()!);
        var on = (await client.AskAsync(After(id, "\"[[final=on]]\"")))[^1].GetProperty("response").GetProperty("id").GetString()!;
        var twice = await client.AskAsync(After(on, $"[{Output(call)[1..^1]},{Output(call)[1..^1]}]"));
        Assert.Equal(("error", 400), (Type(twice[^1]), twice[^1].GetProperty("status").GetInt32()));
        var late = (await client.AskAsync(After(on, Output(call))))[^1];
        Assert.Contains(Type(late), new[] { "response.completed", "error" });
    }

    private async Task<RunningServer> StartAsync(bool isGateway)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Turns:SteeredItemMax"] = "00:01:00", ["Upstream:SteeredEndTimeMax"] = "00:01:00",
        };
        if (!isGateway) return await RunningServer.StartAsync(_backend, settings);
        settings["Upstream:Pools:0:Name"] = "p";
        settings["Upstream:Pools:0:Destinations:0:Name"] = "a";
        settings["Upstream:Pools:0:Destinations:0:Kind"] = "responses-ws";
        settings["Upstream:Pools:0:Destinations:0:BaseUrl"] = _upstream.BaseUrl;
        settings["Upstream:Pools:0:Destinations:0:Models:0"] = "m";
        return await RunningServer.StartAsync(null, settings);
    }

    private async Task<string> HoldAsync(
        ClientSocket client, string text = "hold", string fields = "", ScriptPhase phase = ScriptPhase.Speaking)
    {
        _backend.OnPhase = (turn, at, ends) =>
        {
            var isHeld = at == phase && turn.Context.Input[^1].Json.ToString().Contains("hold", StringComparison.Ordinal);
            return isHeld ? _gate.PassAsync(ends) : default;
        };
        await client.SendAsync(Create(text, fields));
        return (await UntilAsync(client, "response.created")).GetProperty("response").GetProperty("id").GetString()!;
    }

    private static async Task<string?> FailedCodeAsync(ClientSocket client) =>
        Code(await UntilAsync(client, "response.steer.failed", "response.inject.failed"));

    private static async Task<JsonElement> UntilAsync(ClientSocket socket, params string[] types)
    {
        while (true)
        {
            var e = await Soon.In(socket.ReceiveAsync());
            if (types.Contains(Type(e), StringComparer.Ordinal)) return e;
        }
    }

    private static string Create(string text, string fields = "") =>
        $$"""{"type":"response.create","model":"m","store":false,"input":"{{text}}"{{fields}}}""";

    private static string After(string id, string input) =>
        $$"""{"type":"response.create","model":"m","store":false,"previous_response_id":"{{id}}","input":{{input}}{{Function}}}""";

    private static string Output(string call) => $$"""[{"type":"function_call_output","call_id":"{{call}}","output":"seven"}]""";

    private static string Steer(string id, string words) =>
        $$"""{"type":"response.steer","previous_response_id":"{{id}}","input":"{{words}}"}""";

    private static string? Code(JsonElement e) => e.GetProperty("error").GetProperty("code").GetString();
    private static string? Type(JsonElement e) => e.GetProperty("type").GetString();
}
