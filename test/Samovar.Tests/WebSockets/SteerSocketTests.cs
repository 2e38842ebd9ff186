using System.Net.WebSockets;
using System.Text.Json;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.WebSockets;

/// <summary>Steering and injecting over a real socket: the frames as clients see them.</summary>
public sealed class SteerSocketTests : IAsyncLifetime
{
    private const string Tools = ""","tools":[{"type":"function","name":"exec_command","parameters":{"type":"object","properties":{}}}]""";
    private readonly ScriptedBackend _backend = new(new IdSource());
    private PhaseGate _gate = new();
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync(_backend);
    public ValueTask DisposeAsync()
    {
        _gate.Open();
        return _server.DisposeAsync();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("side.1")]
    public async Task SteeredResponse_IsFollowedByItsSuccessor_InItsLane(string? lane)
    {
        await using var socket = await _server.ConnectAsync();
        var id = await HoldAsync(socket, ScriptPhase.Accepted, "late", lane);
        await socket.SendAsync(Steer(id, "\"[[final=STEERED]]\""));
        var first = await socket.ReceiveTurnAsync();
        var accepted = first.Single(e => Type(e) == "response.steer.accepted");
        Assert.Equal(id, accepted.GetProperty("steer").GetProperty("previous_response_id").GetString());
        Assert.Matches("^steer_[0-9a-f]{32}$", accepted.GetProperty("steer").GetProperty("id").GetString());
        Assert.Equal("response.incomplete", Type(first[^1]));
        Assert.Equal("steered", first[^1].GetProperty("response").GetProperty("incomplete_details").GetProperty("reason").GetString());
        var second = await socket.ReceiveTurnAsync();
        Assert.Equal("response.created", Type(second[0]));
        Assert.Equal(0, second[0].GetProperty("sequence_number").GetInt32());
        Assert.Equal(id, second[0].GetProperty("response").GetProperty("previous_response_id").GetString());
        Assert.Equal("response.completed", Type(second[^1]));
        Assert.All(first.Concat(second), e => Assert.Equal(lane, e.TryGetProperty("stream_id", out var said) ? said.GetString() : null));
        Assert.Equal("response.completed", Type((await socket.AskAsync(Create("[[final=x]]", lane)))[^1]));
    }

    [Fact]
    public async Task WaitingResponse_SaysWhatItWants_OncePerWord()
    {
        await using var socket = await _server.ConnectAsync();
        var id = await HoldAsync(socket, ScriptPhase.Speaking, "[[steps=1]]", null, Tools);
        await socket.SendAsync(Steer(id, "\"one\""));
        await socket.SendAsync(Steer(id, """[{"role":"user","content":[{"type":"input_text","text":"[[final=STEERED]]"}]}]"""));
        await UntilAsync(socket, "response.steer.accepted");
        await UntilAsync(socket, "response.steer.accepted");
        _gate.Open();
        var end = (await socket.ReceiveTurnAsync())[^1];
        Assert.Equal("response.completed", Type(end));
        var call = end.GetProperty("response").GetProperty("output")[0];
        for (var number = 1; number <= 2; number++)
        {
            var pending = await socket.ReceiveAsync();
            Assert.Equal("response.steer.pending", Type(pending));
            Assert.Equal("waiting_for_required_input", pending.GetProperty("reason").GetString());
            Assert.Equal(end.GetProperty("sequence_number").GetInt32() + number, pending.GetProperty("sequence_number").GetInt32());
            Assert.Equal(id, pending.GetProperty("steer").GetProperty("previous_response_id").GetString());
            var stub = Assert.Single(pending.GetProperty("required_input").EnumerateArray());
            var wanted = $$"""{"type":"function_call_output","call_id":"{{call.GetProperty("call_id")}}","name":"exec_command"}""";
            Assert.Equal(wanted, stub.GetRawText());
        }
        var output = $$"""[{"type":"function_call_output","call_id":{{call.GetProperty("call_id").GetRawText()}},"output":"ok"}]""";
        var next = await socket.AskAsync(
            $$"""{"type":"response.create","model":"m","store":false,"previous_response_id":"{{id}}","input":{{output}}}""");
        Assert.Contains("STEERED", next[^1].GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"response.steer","previous_response_id":"r","input":"left"}""", "response_not_found", "r", "\"left\"")]
    [InlineData("""{"input":[{"role":"user","content":"left"}],"type":"response.steer"}""", "invalid_input", null,
        """[{"role":"user","content":"left"}]""")]
    [InlineData("""{"type":"response.steer","previous_response_id":7,"input":"x"}""", "invalid_input", null, "\"x\"")]
    [InlineData("""{"type":"response.steer","previous_response_id":"r"}""", "invalid_input", "r", null)]
    [InlineData("""{"type":"response.steer","previous_response_id":"r","input":[]}""", "invalid_input", "r", "[]")]
    [InlineData("""{"type":"response.steer","previous_response_id":"r","input":""}""", "invalid_input", "r", "\"\"")]
    [InlineData("""{"type":"response.steer","previous_response_id":"r","input":5}""", "invalid_input", "r", "5")]
    [InlineData("""{"type":"response.steer","previous_response_id":"r","input":"x","stream_id":"a"}""", "invalid_input", "r", "\"x\"")]
    [InlineData("""{"type":"response.steer","previous_response_id":"r","input":"x","model":"m"}""", "invalid_input", "r", "\"x\"")]
    [InlineData("""{"type":"response.steer","previous_response_id":"r","input":[{"role":"assistant","content":"x"}]}""", "invalid_input",
        "r", """[{"role":"assistant","content":"x"}]""")]
    [InlineData("""{"type":"response.steer","previous_response_id":"r","input":[{"type":"shell_call_output","call_id":"c"}]}""",
        "invalid_input", "r", """[{"type":"shell_call_output","call_id":"c"}]""")]
    [InlineData("""{"type":"response.steer","previous_response_id":"r","input":[{"role":"user","content":"x","name":"y"}]}""",
        "invalid_input", "r", """[{"role":"user","content":"x","name":"y"}]""")]
    public async Task WrongSteering_Fails_AndTheSocketLivesOn(string frame, string code, string? previous, string? input)
    {
        await using var socket = await _server.ConnectAsync();
        await socket.SendAsync(frame);
        var failed = await socket.ReceiveAsync();
        Assert.Equal("response.steer.failed", Type(failed));
        Assert.Equal(JsonValueKind.Number, failed.GetProperty("sequence_number").ValueKind);
        Assert.False(failed.TryGetProperty("stream_id", out _));
        var error = failed.GetProperty("error");
        Assert.Equal((code, "invalid_request_error"), (error.GetProperty("code").GetString(), error.GetProperty("type").GetString()));
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        var steer = failed.GetProperty("steer");
        Assert.Equal(previous, steer.GetProperty("previous_response_id").GetString());
        Assert.Equal(input, steer.TryGetProperty("input", out var said) ? said.GetRawText() : null);
        Assert.False(steer.TryGetProperty("id", out _));
        Assert.Equal("response.completed", Type((await socket.AskAsync(Create("[[final=x]]", null)))[^1]));
    }

    [Fact]
    public async Task CancelledResponse_SaysThatNothingFollows()
    {
        await using var socket = await _server.ConnectAsync();
        var id = await HoldAsync(socket, ScriptPhase.Speaking, "[[final=long]]", "side");
        await socket.SendAsync(Steer(id, "\"left\""));
        await UntilAsync(socket, "response.steer.accepted");
        await socket.SendAsync("""{"type":"response.cancel","stream_id":"side"}""");
        Assert.Equal("response.failed", Type((await socket.ReceiveTurnAsync())[^1]));
        var failed = await socket.ReceiveAsync();
        Assert.Equal("response.steer.failed", Type(failed));
        Assert.Equal("successor_creation_failed", failed.GetProperty("error").GetProperty("code").GetString());
        Assert.Matches("^steer_", failed.GetProperty("steer").GetProperty("id").GetString());
        Assert.Equal(("\"left\"", "side"),
            (failed.GetProperty("steer").GetProperty("input").GetRawText(), failed.GetProperty("stream_id").GetString()));
        Assert.Equal("response.completed", Type((await socket.AskAsync(Create("[[final=x]]", "side")))[^1]));
    }

    [Fact]
    public async Task DroppedSocket_StartsNothing()
    {
        var socket = await _server.ConnectAsync();
        var id = await HoldAsync(socket, ScriptPhase.Speaking, "[[final=long]]", null);
        await socket.SendAsync(Steer(id, "\"left\""));
        await UntilAsync(socket, "response.steer.accepted");
        socket.Drop();
        await using var other = await _server.ConnectAsync();
        Assert.Equal("response.completed", Type((await other.AskAsync(Create("[[final=x]]", null)))[^1]));
        while (_backend.Stopped == 0) await Task.Yield();
        Assert.Equal(2, _backend.Turns);
    }

    [Fact]
    public async Task BareClient_ReadsTheOutput_OfASuccessorToo()
    {
        await using var socket = await _server.ConnectAsync();
        Hold(ScriptPhase.Accepted, "late");
        await socket.SendAsync("""{"input":"late","model":"m"}""");
        var id = (await socket.ReceiveAsync()).GetProperty("response").GetProperty("id").GetString()!;
        await socket.SendAsync(Steer(id, "\"[[final=STEERED]]\""));
        Assert.True((await socket.ReceiveTurnAsync())[^1].TryGetProperty("output", out _));
        var end = (await socket.ReceiveTurnAsync())[^1];
        Assert.Contains("STEERED", end.GetProperty("output").GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task InjectedOutput_IsCreated_AndFollowedByItself()
    {
        await using var socket = await _server.ConnectAsync();
        var id = await HoldAsync(socket, ScriptPhase.Finishing, "[[steps=1]][[final=AFTER]]", null, Tools);
        var item = await UntilAsync(socket, "response.output_item.done");
        var call = item.GetProperty("item").GetProperty("call_id").GetString();
        await socket.SendAsync(Inject(id, $$"""[{"type":"function_call_output","call_id":"{{call}}","output":"ok"}]"""));
        var created = await UntilAsync(socket, "response.inject.created");
        Assert.Equal(id, created.GetProperty("response_id").GetString());
        Assert.Equal(JsonValueKind.Number, created.GetProperty("sequence_number").ValueKind);
        _gate.Open();
        Assert.Equal("response.completed", Type((await socket.ReceiveTurnAsync())[^1]));
        Assert.Contains("AFTER", (await socket.ReceiveTurnAsync())[^1].GetRawText(), StringComparison.Ordinal);
        await socket.SendAsync(Inject(id, $$"""[{"type":"function_call_output","call_id":"{{call}}","output":"ok"}]"""));
        var failed = await socket.ReceiveAsync();
        Assert.Equal("response.inject.failed", Type(failed));
        Assert.Equal("response_already_completed", failed.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(id, failed.GetProperty("response_id").GetString());
        Assert.Equal(call, failed.GetProperty("input")[0].GetProperty("call_id").GetString());
    }

    [Theory]
    [InlineData("""{"type":"response.inject","response_id":"resp_x","input":[]}""")]
    [InlineData("""{"type":"response.inject","input":[{"type":"function_call_output","call_id":"c","output":"x"}]}""")]
    [InlineData("""{"type":"response.inject","response_id":"resp_x","input":[{"role":"user","content":"x"}]}""")]
    [InlineData("""{"type":"response.inject","response_id":"resp_x","input":"x"}""")]
    public async Task WrongInject_IsAnError_AndTheSocketCloses(string frame)
    {
        await using var socket = await _server.ConnectAsync();
        await socket.SendAsync(frame);
        var error = await socket.ReceiveAsync();
        Assert.Equal(("error", 400), (Type(error), error.GetProperty("status").GetInt32()));
        Assert.Null(await socket.ReceiveTextAsync());
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, socket.Raw.CloseStatus);
    }

    private void Hold(ScriptPhase phase, string text)
    {
        _gate = new PhaseGate();
        _backend.OnPhase = (turn, at, ends) => at == phase && NewestText(turn.Context.Input) == text ? _gate.PassAsync(ends) : default;
    }

    /// <summary>Begins a response that stops where it is held; its id.</summary>
    private async Task<string> HoldAsync(ClientSocket socket, ScriptPhase phase, string text, string? lane, string fields = "")
    {
        Hold(phase, text);
        await socket.SendAsync(Create(text, lane, fields));
        var id = (await UntilAsync(socket, "response.in_progress")).GetProperty("response").GetProperty("id").GetString()!;
        await Soon.In(_gate.Reached);
        return id;
    }

    private static async Task<JsonElement> UntilAsync(ClientSocket socket, string type)
    {
        while (true)
        {
            var e = await Soon.In(socket.ReceiveAsync());
            if (Type(e) == type) return e;
        }
    }

    private static string Create(string text, string? lane, string fields = "") =>
        $$"""{"type":"response.create","model":"m","store":false,"input":"{{text}}"{{fields}}{{Lane(lane)}}}""";

    private static string Lane(string? lane) => lane is null ? "" : $",\"stream_id\":\"{lane}\"";

    private static string Steer(string id, string input) =>
        $$"""{"type":"response.steer","previous_response_id":"{{id}}","input":{{input}}}""";

    private static string Inject(string id, string input) =>
        $$"""{"type":"response.inject","response_id":"{{id}}","input":{{input}}}""";

    private static string? Type(JsonElement e) => e.GetProperty("type").GetString();

    private static string NewestText(IReadOnlyList<Item> input) => input.OfType<MessageItem>().LastOrDefault() is { } message
        ? string.Concat(message.Content.OfType<ContentPart.Text>().Select(part => part.Value)) : "";
}
