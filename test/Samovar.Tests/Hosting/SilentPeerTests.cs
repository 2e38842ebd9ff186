using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Samovar.Client;
using Samovar.Client.Errors;
using Samovar.Client.Requests;
using Samovar.Client.Settings;
using Samovar.Liveness;
using Samovar.Protocol.Ids;
using Samovar.Server.Hosting;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;
using Samovar.Testing.Stores;

namespace Samovar.Tests.Hosting;

/// <summary>A link breaks and nobody is told: each side notices in a time that has a name.</summary>
public sealed class SilentPeerTests
{
    private const string Create = """{"type":"response.create","model":"m","input":"[[final=fine]]"}""";
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(100), Patience = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ConnectionToTheServer_IsGivenUp_WhenItsClientIsGone(bool isTakenBefore)
    {
        var options = new ServerOptions { Port = 0, ConnectionLostAfter = TimeSpan.FromSeconds(42) };
        using var listen = new ListenSocket();
        if (isTakenBefore) listen.Take(options);
        using var listener = listen.HandOver(new IPEndPoint(IPAddress.Loopback, 0), options);
        listener.Listen();
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndPoint!, Soon.Token);
        using var accepted = await listener.AcceptAsync(Soon.Token);
        Assert.Equal(TimeSpan.FromSeconds(42), TcpLiveness.LostAfter(accepted));
        Assert.Equal(21, accepted.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime));
        Assert.Equal(7, accepted.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval));
        Assert.Equal(3, accepted.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount));
        Assert.Null(TcpLiveness.LostAfter(client));
    }

    [Fact]
    public async Task Turn_Ends_WhenItsSocketFallsSilent()
    {
        var gate = new PhaseGate();
        var stopped = new TaskCompletionSource();
        await using var server = await RunningServer.StartAsync(Backend(gate, stopped), new Dictionary<string, string?>
        {
            ["WebSockets:PingInterval"] = $"{Often}", ["WebSockets:PingTimeMax"] = $"{Patience}",
        });
        await using var link = new SilentLink(server.Address.Port);
        using var socket = new ClientWebSocket();
        socket.Options.KeepAliveInterval = Timeout.InfiniteTimeSpan;
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{link.Port}/v1/responses"), Soon.Token);
        await socket.SendAsync(Encoding.UTF8.GetBytes(Create), WebSocketMessageType.Text, endOfMessage: true, Soon.Token);
        await Soon.In(gate.Reached);
        link.Cut();
        await Soon.In(stopped.Task);
    }

    [Fact]
    public async Task Agent_KnowsThatItsServerIsGone()
    {
        var gate = new PhaseGate();
        await using var server = await RunningServer.StartAsync(Backend(gate, new TaskCompletionSource()));
        await using var link = new SilentLink(server.Address.Port);
        await using var connection = new ResponsesConnection(new Uri($"http://127.0.0.1:{link.Port}/v1"),
            new ResponsesOptions { PingInterval = Often, PingTimeMax = Patience, AttemptsMax = 1 });
        var asking = connection.Start().RunAsync(ResponseRequest.Of("hi") with { Model = "m" }, Soon.Token);
        await Soon.In(gate.Reached);
        link.Cut();
        var lost = await Assert.ThrowsAsync<ResponsesException>(() => Soon.In(asking));
        Assert.Equal(ResponsesErrorKind.Lost, lost.Kind);
        Assert.False(connection.IsOpen);
    }

    /// <summary>Its turns wait where the gate is, and say when they are stopped.</summary>
    private static ScriptedBackend Backend(PhaseGate gate, TaskCompletionSource stopped) => new(new IdSource())
    {
        OnPhase = async (_, phase, cancelled) =>
        {
            if (phase != ScriptPhase.Finishing) return;
            try { await gate.PassAsync(cancelled); }
            finally { stopped.TrySetResult(); }
        },
    };
}
