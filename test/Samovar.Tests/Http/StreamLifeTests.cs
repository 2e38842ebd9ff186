using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Protocol.Ids;
using Samovar.Server.Http;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Http;

public class StreamLifeTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ClientThatLeaves_EndsItsTurn(bool streams)
    {
        var gate = new PhaseGate();
        var stopped = new TaskCompletionSource();
        var backend = new ScriptedBackend(new IdSource())
        {
            OnPhase = async (_, phase, cancelled) =>
            {
                if (phase != ScriptPhase.Finishing) return;
                try { await gate.PassAsync(cancelled); }
                finally { stopped.TrySetResult(); } // the gate never opens
            },
        };
        await using var server = await RunningServer.StartAsync(backend);
        using var leaves = new CancellationTokenSource();
        using var body =
            new StringContent($$"""{"model":"m","input":"x","stream":{{(streams ? "true" : "false")}}}""", Encoding.UTF8,
                "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/responses") { Content = body };
        var reply = server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, leaves.Token);
        await Soon.In(gate.Reached);
        if (streams) (await reply).Dispose();
        await leaves.CancelAsync();
        await Soon.In(stopped.Task);
    }

    [Fact]
    public async Task SilentStream_GetsComments_AndThenItsEvents()
    {
        var time = new ManualTime();
        var gate = new PhaseGate();
        var backend = new ScriptedBackend(new IdSource())
        {
            OnPhase = (_, phase, cancelled) => phase == ScriptPhase.Finishing ? gate.PassAsync(cancelled) : ValueTask.CompletedTask,
        };
        await using var server = await RunningServer.StartAsync(backend, null, services => services.AddSingleton<TimeProvider>(time));
        using var body = new StringContent("""{"model":"m","input":"x","stream":true}""", Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/responses") { Content = body };
        using var reply = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await reply.Content.ReadAsStreamAsync());
        await Soon.In(gate.Reached);
        await Silence.ReadToAsync(reader, ": keep-alive", time);
        gate.Open();
        var rest = await Soon.In(reader.ReadToEndAsync());
        Assert.EndsWith("data: [DONE]\n\n", rest, StringComparison.Ordinal);
        Assert.Contains("event: response.completed", rest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EveryEvent_ComesWholeInOneChunk()
    {
        var backend = new ScriptedBackend(new IdSource());
        await using var server = await RunningServer.StartAsync(backend);
        using var tcp = new System.Net.Sockets.TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, server.Address.Port);
        await using var stream = tcp.GetStream();
        const string body = """{"model":"m","input":"[[steps=0]] [[final=some words that make several deltas]]","stream":true}""";
        var head = $"POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n";
        await stream.WriteAsync(Encoding.UTF8.GetBytes(head + body));
        using var reader = new StreamReader(stream, Encoding.Latin1);
        while (await Soon.In(reader.ReadLineAsync()) is not "") { }
        var chunks = 0;
        while (await Soon.In(reader.ReadLineAsync()) is { } size && Convert.ToInt32(size, 16) is > 0 and var length)
        {
            var chunk = new char[length];
            Assert.Equal(length, await reader.ReadBlockAsync(chunk));
            await reader.ReadLineAsync();
            Assert.EndsWith("\n\n", new string(chunk), StringComparison.Ordinal); // no event is torn over two chunks
            chunks++;
        }
        Assert.True(chunks > 0);
    }
}
