using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Protocol.Ids;
using Samovar.Sessions;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.WebSockets;

public class SocketLifeTests
{
    private const string Upgrade =
        "GET /v1/responses HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    private const string Create = """{"type":"response.create","model":"m","input":"[[final=fine]]"}""";

    [Fact]
    public async Task DroppedSocket_StopsItsTurn()
    {
        var gate = new PhaseGate();
        var stopped = new TaskCompletionSource();
        var backend = Backend(async cancelled =>
        {
            try { await gate.PassAsync(cancelled); }
            finally { stopped.TrySetResult(); } // the gate never opens
        });
        await using var server = await RunningServer.StartAsync(backend);
        await using var socket = await server.ConnectAsync();
        await socket.SendAsync(Create);
        await Soon.In(gate.Reached);
        socket.Drop();
        await Soon.In(stopped.Task);
    }

    [Fact]
    public async Task ConnectionOfItsAge_GetsTheLimitError_ThenCloses()
    {
        var time = new ManualTime();
        await using var server = await RunningServer.StartAsync(Backend(), null, services => services.AddSingleton<TimeProvider>(time));
        await using var socket = await server.ConnectAsync();
        await socket.AskAsync(Create);
        time.Advance(new Samovar.Sessions.SessionOptions().ConnectionAgeMax);
        var error = await socket.ReceiveAsync();
        Assert.Equal("websocket_connection_limit_reached", error.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(400, error.GetProperty("status").GetInt32());
        Assert.Contains("(60 minutes)", error.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Null(await socket.ReceiveTextAsync());
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, socket.Raw.CloseStatus);
    }

    [Fact]
    public async Task TurnThatRuns_MayEnd_WhenTheConnectionReachesItsAge()
    {
        var time = new ManualTime();
        var gate = new PhaseGate();
        var settings = new Dictionary<string, string?> { ["Sessions:ConnectionAgeMax"] = "00:10:00" };
        await using var server = await RunningServer
            .StartAsync(Backend(gate.PassAsync), settings, services => services.AddSingleton<TimeProvider>(time));
        await using var socket = await OpenedAsync(server);
        time.Advance(TimeSpan.FromMinutes(9));
        await using var younger = await OpenedAsync(server);
        await socket.SendAsync(Create);
        await Soon.In(gate.Reached);
        time.Advance(TimeSpan.FromMinutes(2)); // a turn has 30, and a connection of its age 5 more
        gate.Open();
        Assert.Equal("response.completed", Type((await socket.ReceiveTurnAsync())[^1]));
        Assert.Equal("websocket_connection_limit_reached",
            (await socket.ReceiveAsync()).GetProperty("error").GetProperty("code").GetString());
        Assert.Equal("response.completed", Type((await younger.AskAsync(Create))[^1])); // one timer for all ends none too soon
        time.Advance(TimeSpan.FromMinutes(8));
        Assert.Equal("websocket_connection_limit_reached",
            (await younger.ReceiveAsync()).GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task StoppingServer_LetsTurnsEnd_RefusesNewOnes_AndClosesSockets()
    {
        var gate = new PhaseGate();
        await using var server = await RunningServer
            .StartAsync(Backend(gate.PassAsync), new Dictionary<string, string?> { ["Server:DrainTimeMax"] = "00:00:20" });
        await using var busy = await server.ConnectAsync();
        await using var idle = await server.ConnectAsync();
        await busy.SendAsync(Create);
        await Soon.In(gate.Reached);
        var stopping = server.StopAsync();
        Assert.Equal("server_is_stopping", await RefusedAsync(idle));
        gate.Open();
        Assert.Equal("response.completed", Type((await busy.ReceiveTurnAsync())[^1]));
        Assert.Null(await busy.ReceiveTextAsync());
        Assert.Null(await idle.ReceiveTextAsync());
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, busy.Raw.CloseStatus);
        await Soon.In(stopping);
    }

    [Fact]
    public async Task ClientThatAnswersNoPing_IsCut()
    {
        var settings = new Dictionary<string, string?>
        {
            ["WebSockets:PingInterval"] = "00:00:00.1",
            ["WebSockets:PingTimeMax"] = "00:00:00.2",
        };
        await using var server = await RunningServer.StartAsync(Backend(), settings);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, server.Address.Port);
        await using var stream = tcp.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(Upgrade));
        var all = new MemoryStream();
        try { await stream.CopyToAsync(all, Soon.Token); } // ends only when the server cuts: we read, and never write again
        catch (IOException) { /* cut by a reset */ }
        var bytes = all.ToArray();
        Assert.StartsWith("HTTP/1.1 101", Encoding.Latin1.GetString(bytes), StringComparison.Ordinal);
        Assert.Contains((byte)0x89, bytes); // it was pinged
        await Soon.In(SessionsAsync(server, 0));
    }

    [Fact]
    public async Task ClientThatTakesNothing_IsCut_AndHoldsNoSession()
    {
        var settings = new Dictionary<string, string?> { ["WebSockets:WriteTimeMax"] = "00:00:00.3" };
        await using var server = await RunningServer.StartAsync(Backend(), settings);
        await using var socket = await server.ConnectAsync();
        var long_ = new string('x', 60_000);
        using var sent = new CancellationTokenSource();
        // reads nothing
        var flood = FloodAsync(socket, $$"""{"type":"response.create","model":"m","store":false,"input":"{{long_}}"}""", sent.Token);
        await Soon.In(SessionsAsync(server, 0));
        await sent.CancelAsync();
        await flood;
    }

    [Theory]
    [InlineData(256, true)]
    [InlineData(0, false)]
    public async Task Deflate_KeepsItsWindow_OnlyWithinTheBudget(int budget, bool keeps)
    {
        var settings = new Dictionary<string, string?> { ["WebSockets:TakeoverConnectionsMax"] = $"{budget}" };
        await using var server = await RunningServer.StartAsync(Backend(), settings);
        await using var socket = await server.ConnectAsync(options => options.DangerousDeflateOptions = new WebSocketDeflateOptions());
        var agreed = string.Join(',', socket.Raw.HttpResponseHeaders!["Sec-WebSocket-Extensions"]);
        Assert.Contains("permessage-deflate", agreed, StringComparison.Ordinal);
        Assert.Equal((!keeps, !keeps), (agreed.Contains("server_no_context_takeover", StringComparison.Ordinal),
            agreed.Contains("client_no_context_takeover", StringComparison.Ordinal)));
        for (var turn = 0; turn < 5; turn++) Assert.Equal("response.completed", Type((await socket.AskAsync(Create))[^1]));
    }

    [Fact]
    public async Task ClientThatClosesWhileATurnRuns_GetsItsCloseAnswered()
    {
        var gate = new PhaseGate(); // it never opens
        await using var server = await RunningServer.StartAsync(Backend(gate.PassAsync));
        await using var client = await RawClient.ConnectAsync(server);
        await client.UpgradeAsync();
        await client.SendAsync(RawClient.Frame(0x81, Encoding.UTF8.GetBytes(Create)));
        await Soon.In(gate.Reached);
        await client.SendAsync(RawClient.Frame(0x88, [0x03, 0xe8]));
        Assert.Equal((int)WebSocketCloseStatus.NormalClosure, (await client.ReadToCloseAsync()).Status);
    }

    [Fact]
    public async Task ClientThatClosesWhileItIsSentMuch_GetsItsCloseAnswered()
    {
        await using var server = await RunningServer.StartAsync(Backend());
        var ask = Create.Replace("fine", new string('x', 100_000), StringComparison.Ordinal);
        byte[] frames = [.. RawClient.Frame(0x81, Encoding.UTF8.GetBytes(ask)), .. RawClient.Frame(0x88, [0x03, 0xe8])];
        for (var round = 0; round < 5; round++)
        {
            await using var client = await RawClient.ConnectAsync(server);
            await client.UpgradeAsync();
            await client.SendAsync(frames);
            Assert.Equal((int)WebSocketCloseStatus.NormalClosure, (await client.ReadToCloseAsync()).Status);
        }
    }

    [Fact]
    public async Task DeflateBudget_IsGivenBack()
    {
        var settings = new Dictionary<string, string?> { ["WebSockets:TakeoverConnectionsMax"] = "1" };
        await using var server = await RunningServer.StartAsync(Backend(), settings);
        for (var i = 0; i < 3; i++)
        {
            await using var socket = await server.ConnectAsync(options => options.DangerousDeflateOptions = new WebSocketDeflateOptions());
            Assert.DoesNotContain("server_no_context_takeover",
                string.Join(',', socket.Raw.HttpResponseHeaders!["Sec-WebSocket-Extensions"]), StringComparison.Ordinal);
            await socket.Raw.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
            await Soon.In(SessionsAsync(server, 0));
        }
    }

    /// <summary>A connection whose age the server counts already: it has answered.</summary>
    private static async Task<ClientSocket> OpenedAsync(RunningServer server)
    {
        var socket = await server.ConnectAsync();
        Assert.Equal("error", Type((await socket.AskAsync("{}"))[^1]));
        return socket;
    }

    private static async Task<string?> RefusedAsync(ClientSocket socket)
    {
        while (true) // until the server has begun to drain, turns still run
        {
            var last = (await socket.AskAsync("""{"type":"response.create","model":"m","input":"x","generate":false}"""))[^1];
            if (Type(last) == "error") return last.GetProperty("error").GetProperty("code").GetString();
        }
    }

    private static async Task FloodAsync(ClientSocket socket, string frame, CancellationToken enough)
    {
        var bytes = Encoding.UTF8.GetBytes(frame);
        try
        {
            while (!enough.IsCancellationRequested) await socket.Raw.SendAsync(bytes, WebSocketMessageType.Text, true, enough);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException) { /* cut,
            as it should be */ }
    }

    private static async Task SessionsAsync(RunningServer server, int count)
    {
        while (server.Services.GetRequiredService<SessionTable>().Count != count) await Task.Delay(20);
    }

    private static ScriptedBackend Backend(Func<CancellationToken, ValueTask>? finishing = null) => new(new IdSource())
    {
        OnPhase = (turn, phase, cancelled) =>
            phase == ScriptPhase.Finishing && turn.Request.Generate && finishing is not null ? finishing(cancelled)
                : ValueTask.CompletedTask,
    };

    private static string Type(JsonElement e) => e.GetProperty("type").GetString()!;
}
