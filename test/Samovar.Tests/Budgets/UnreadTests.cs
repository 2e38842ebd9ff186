using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Budgets;
using Samovar.Testing;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Budgets;

/// <summary>Clients that ask and never read: what makes their answers pauses, and what they hold is bounded.</summary>
public sealed class UnreadTests
{
    private const int SocketBytes = 16 << 20; // what the kernels of both sides may take before a write waits
    private readonly EndlessBackend _backend = new(deltasMax: 56_000);

    [Theory]
    [InlineData("/v1/responses", """{"model":"m","input":"x","stream":true,"store":false}""")]
    [InlineData("/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"x"}],"stream":true}""")]
    public async Task StreamThatIsNotRead_PausesItsTurn_UntilItIsCut(string path, string body)
    {
        await using var server = await StartAsync();
        using var client = await PostAsync(server, path, body);
        await Soon.In(_backend.Over.Task);
        Assert.InRange(_backend.Chars, 1, SocketBytes);
        await NothingIsHeldAsync(server);
    }

    [Fact]
    public async Task SocketThatIsNotRead_PausesAllItsTurns_UntilItIsCut()
    {
        await using var server = await StartAsync();
        await using var client = await server.ConnectAsync();
        for (var lane = 0; lane < 16; lane++)
            await client.SendAsync($$"""{"type":"response.create","stream_id":"l{{lane}}","model":"m","input":"x","store":false}""");
        await Soon.In(_backend.Over.Task);
        Assert.InRange(_backend.Chars, 1, SocketBytes + (16 << 20)); // and a megabyte for each turn
        await NothingIsHeldAsync(server);
    }

    [Fact]
    public async Task WholeAnswer_KeepsNoEventsButItsLast()
    {
        await using var server = await StartAsync(new() { ["Turns:LogBytesMax"] = "4000000", ["Memory:LogsBytesMax"] = "40000000" });
        using var body = new StringContent("""{"model":"m","input":"x","store":false}""", Encoding.UTF8, "application/json");
        using var reply = await server.Http.PostAsync(new Uri("/v1/responses", UriKind.Relative), body, Soon.Token);
        Assert.Contains("response_too_large", await reply.Content.ReadAsStringAsync(Soon.Token), StringComparison.Ordinal);
        await NothingIsHeldAsync(server);
    }

    [Fact]
    public async Task OutputOfRunningTurns_HasABound()
    {
        await using var server = await StartAsync(new() { ["Memory:LogsBytesMax"] = "2000000" });
        using var body = new StringContent("""{"model":"m","input":"x","store":false}""", Encoding.UTF8, "application/json");
        using var reply = await server.Http.PostAsync(new Uri("/v1/responses", UriKind.Relative), body, Soon.Token);
        Assert.Contains("server_is_overloaded", await reply.Content.ReadAsStringAsync(Soon.Token), StringComparison.Ordinal);
        Assert.InRange(_backend.Chars, 100_000, 2_000_000);
        await NothingIsHeldAsync(server);
    }

    private Task<RunningServer> StartAsync(Dictionary<string, string?>? more = null)
    {
        var settings = new Dictionary<string, string?>(more ?? [])
        {
            ["Http:WriteTimeMax"] = "00:00:01",
            ["WebSockets:WriteTimeMax"] = "00:00:01",
        };
        return RunningServer.StartAsync(_backend, settings);
    }

    private static async Task<TcpClient> PostAsync(RunningServer server, string path, string body)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Address.Port);
        var head = $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {body.Length}\r\n\r\n";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head + body));
        return client;
    }

    private async Task NothingIsHeldAsync(RunningServer server)
    {
        await server.StopAsync();
        Assert.Equal(0, _backend.Running);
        var memory = server.Services.GetRequiredService<MemoryShares>();
        Assert.Equal((0, 0, 0), (memory.Logs.Share.Bytes, memory.Bodies.Share.Bytes, memory.Frames.Share.Bytes));
    }
}
