using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.WebSockets;

public sealed class SocketTests : IAsyncLifetime
{
    private const string Create = """{"type":"response.create","model":"m","input":"[[final=fine]]"}""";

    private readonly ScriptedBackend _backend = new(new IdSource());
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() =>
        _server = await RunningServer.StartAsync(_backend, new Dictionary<string, string?> { ["WebSockets:MessageBytesMax"] = "200000" });

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("/v1/responses")]
    [InlineData("/responses")]
    [InlineData("/codex/responses")]
    [InlineData("/v1/codex/responses")]
    public async Task Turn_Runs_OnEveryPathOfAgents(string path)
    {
        await using var socket = await _server.ConnectAsync(path: path);
        var events = await socket.AskAsync(Create);
        Assert.Equal("response.created", Type(events[0]));
        Assert.Equal("response.completed", Type(events[^1]));
        Assert.Equal("fine", Text(events[^1].GetProperty("response")));
    }

    [Fact]
    public async Task BinaryFrame_IsReadAsUtf8Json()
    {
        await using var socket = await _server.ConnectAsync();
        await socket.SendAsync(Encoding.UTF8.GetBytes(Create), WebSocketMessageType.Binary);
        Assert.Equal("response.completed", Type((await socket.ReceiveTurnAsync())[^1]));
    }

    [Fact]
    public async Task Message_MayComeInPieces()
    {
        await using var socket = await _server.ConnectAsync();
        var bytes = Encoding.UTF8.GetBytes(Create);
        for (var i = 0; i < bytes.Length; i++)
            await socket.Raw.SendAsync(bytes.AsMemory(i, 1), WebSocketMessageType.Text, i == bytes.Length - 1, CancellationToken.None);
        Assert.Equal("response.completed", Type((await socket.ReceiveTurnAsync())[^1]));
    }

    [Theory]
    [InlineData("{\"type\":", "invalid_json")]
    [InlineData("[]", "invalid_type")]
    [InlineData("", "invalid_json")]
    [InlineData("null", "invalid_type")]
    [InlineData("""{"type":"response.nothing"}""", "unknown_event_type")]
    [InlineData("""{"type":"response.create","model":"m","input":"x","stream_id":"not a name"}""", "invalid_stream_id")]
    [InlineData("""{"type":"response.create","model":"m","input":"x","max_output_tokens":1e999}""", "invalid_type")]
    [InlineData("""{"type":"response.create","model":"m","input":"x","max_output_tokens":99999999999999999999}""",
        "integer_above_max_value")]
    [InlineData("""{"type":"response.create","model":"m","input":"x","background":true}""", "unsupported_parameter")]
    [InlineData("""{"type":"response.create","model":"m","previous_response_id":"resp_none","input":"x"}""", "previous_response_not_found")]
    public async Task WrongFrame_IsAnswered_AndTheSocketLivesOn(string frame, string code)
    {
        await using var socket = await _server.ConnectAsync();
        var error = Assert.Single(await socket.AskAsync(frame));
        Assert.Equal("error", Type(error));
        Assert.Equal(code, error.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(400, error.GetProperty("status").GetInt32());
        Assert.NotEmpty(error.GetProperty("error").GetProperty("message").GetString()!);
        Assert.False(error.TryGetProperty("stream_id", out _));
        Assert.Equal("response.completed", Type((await socket.AskAsync(Create))[^1]));
    }

    [Fact]
    public async Task ByteOrderMark_BeforeAFrame_IsPassedOver()
    {
        await using var socket = await _server.ConnectAsync();
        Assert.Equal("response.completed", Type((await socket.AskAsync("\uFEFF" + Create))[^1]));
        Assert.Equal("error", Type(Assert.Single(await socket.AskAsync("\uFEFF\uFEFF" + Create)))); // one is a file's, two are not
    }

    [Fact]
    public async Task DeepNesting_IsAnswered_AndTheSocketLivesOn()
    {
        await using var socket = await _server.ConnectAsync();
        var deep = new string('[', 5000) + new string(']', 5000);
        var error = Assert.Single(await socket.AskAsync($$"""{"type":"response.create","model":"m","input":"x","unheard_of":{{deep}}}"""));
        Assert.Equal("json_too_deep", error.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal("response.completed", Type((await socket.AskAsync(Create))[^1]));
    }

    [Fact]
    public async Task TooLongAMessage_IsReported_ThenClosedWith1009()
    {
        await using var socket = await _server.ConnectAsync();
        await socket.SendAsync($$"""{"type":"response.create","model":"m","input":"{{new string('x', 1_000_000)}}"}""");
        var error = await socket.ReceiveAsync();
        Assert.Equal("request_too_large", error.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(413, error.GetProperty("status").GetInt32());
        Assert.Null(await socket.ReceiveTextAsync());
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, socket.Raw.CloseStatus);
    }

    [Fact]
    public async Task InvalidUtf8InText_ClosesTheSocket()
    {
        await using var socket = await _server.ConnectAsync();
        await socket.SendAsync([0x7b, 0xff, 0xfe, 0x7d], WebSocketMessageType.Text);
        await EndsAsync(socket); // RFC 6455: the connection must fail
    }

    [Fact]
    public async Task InvalidUtf8InBinary_IsBrokenJson()
    {
        await using var socket = await _server.ConnectAsync();
        await socket.SendAsync([0x7b, 0xff, 0xfe, 0x7d], WebSocketMessageType.Binary);
        Assert.Equal("invalid_json", (await socket.ReceiveAsync()).GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task ClientsClose_IsAnswered()
    {
        await using var socket = await _server.ConnectAsync();
        await socket.AskAsync(Create);
        await socket.Raw.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.Raw.CloseStatus);
    }

    [Fact]
    public async Task BareClient_SendsOnlyWhatIsNew_AndReadsOutputOnTop()
    {
        await using var socket = await _server.ConnectAsync();
        var tools = """[{"type":"function","name":"look","parameters":{"type":"object","properties":{"where":{"type":"string"}}}}]""";
        var last = (await socket
            .AskAsync($$"""{"model":"m","tools":{{tools}},"input":[{"role":"user","content":"[[steps=2]] [[final=seen]]"}]}"""))[^1];
        for (var step = 1; step <= 2; step++)
        {
            var call = Assert.Single(last.GetProperty("output").EnumerateArray());
            Assert.Equal("look", call.GetProperty("name").GetString());
            var output = $$"""{"type":"function_call_output","call_id":"{{call.GetProperty("call_id").GetString()}}","output":"ok"}""";
            last = (await socket.AskAsync($$"""{"input":[{{output}}]}"""))[^1];
        }
        Assert.Equal("response.completed", Type(last));
        Assert.Equal("seen", last.GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString());
        Assert.Equal(last.GetProperty("response").GetProperty("output").GetRawText(), last.GetProperty("output").GetRawText());
    }

    [Fact]
    public async Task CreateFrames_HaveNoOutputOnTop()
    {
        await using var socket = await _server.ConnectAsync();
        Assert.False((await socket.AskAsync(Create))[^1].TryGetProperty("output", out _));
    }

    private static async Task EndsAsync(ClientSocket socket)
    {
        try { Assert.Null(await socket.ReceiveTextAsync()); }
        catch (WebSocketException) { /* cut without a close frame: also an end */ }
    }

    private static string Type(JsonElement e) => e.GetProperty("type").GetString()!;

    private static string Text(JsonElement response) =>
        response.GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString()!;
}
