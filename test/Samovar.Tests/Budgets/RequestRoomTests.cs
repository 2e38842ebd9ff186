using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Budgets;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Budgets;

/// <summary>Bodies and frames take room as they come in: only those that find none are refused.</summary>
public sealed class RequestRoomTests
{
    private readonly PhaseGate _gate = new();

    [Fact]
    public async Task BodiesBeyondTheirRoom_AreRefusedWithATimeToRetry_AndFreedWithTheirTurns()
    {
        await using var server = await StartAsync(new() { ["Memory:BodiesBytesMax"] = "4000000" });
        var first = PostAsync(server, 400_000, "block"); // held as three times its JSON, of which its connection may have two thirds
        var second = PostAsync(server, 400_000, "block");
        await Soon.In(_gate.Reached);
        await Soon.In(UntilAsync(() => MemoryOf(server).Bodies.Share.Bytes >= 2_400_000));
        using var third = await PostAsync(server, 600_000, "x");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(2)), (third.StatusCode, third.Headers.RetryAfter!.Delta));
        using var small = await PostAsync(server, 1000, "x");
        Assert.Equal(HttpStatusCode.OK, small.StatusCode);
        _gate.Open();
        (await first).Dispose();
        (await second).Dispose();
        using var later = await PostAsync(server, 600_000, "x");
        Assert.Equal(HttpStatusCode.OK, later.StatusCode);
        await server.StopAsync();
        Assert.Equal(0, MemoryOf(server).Bodies.Share.Bytes);
    }

    [Fact]
    public async Task BodyThatWouldNeverFit_IsTooLarge()
    {
        await using var server = await StartAsync(new() { ["Memory:BodiesBytesMax"] = "4000000" });
        using var reply = await PostAsync(server, 2_000_000, "x");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, reply.StatusCode);
    }

    [Fact]
    public async Task FrameThatFindsNoRoom_IsItsOwnError_AndTheSocketAndOthersGoOn()
    {
        await using var server = await StartAsync(
            new() { ["Memory:FramesBytesMax"] = "4000000", ["WebSockets:CloseTimeMax"] = "00:00:00.5" });
        await using var client = await server.ConnectAsync();
        for (var i = 0; i < 2; i++) await client.SendAsync(Frame(400_000, "block", $"l{i}"));
        await Soon.In(_gate.Reached);
        await Soon.In(UntilAsync(() => MemoryOf(server).Frames.Share.Bytes >= 2_400_000));
        await client.SendAsync(Frame(1_900_000, "x", "l2"));
        string? error;
        do error = await client.ReceiveTextAsync();
        while (error?.Contains("\"type\":\"error\"", StringComparison.Ordinal) == false);
        Assert.Contains("server_is_overloaded", error, StringComparison.Ordinal);
        await using var other = await server.ConnectAsync();
        await other.SendAsync(Frame(100_000, "x", null));
        Assert.Contains("response.completed", (await other.ReceiveTurnAsync())[^1].GetRawText(), StringComparison.Ordinal);
        _gate.Open();
        await server.StopAsync();
        Assert.Equal(0, MemoryOf(server).Frames.Share.Bytes);
    }

    [Fact]
    public async Task MessageThatIsNotFinished_IsClosedInItsTime_AndHoldsNothingMore()
    {
        await using var server = await StartAsync(new() { ["WebSockets:MessageTimeMax"] = "00:00:00.3" });
        await using var client = await server.ConnectAsync();
        await client.Raw.SendAsync(new byte[1_000_000], WebSocketMessageType.Text, endOfMessage: false, Soon.Token);
        Assert.Contains("request_timeout", await client.ReceiveTextAsync(), StringComparison.Ordinal);
        Assert.Null(await client.ReceiveTextAsync());
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, client.Raw.CloseStatus);
        await Soon.In(UntilAsync(() => MemoryOf(server).Frames.Share.Bytes == 0));
    }

    [Fact]
    public async Task MessageThatIsFinishedAfterItsTime_HoldsNothingMore()
    {
        await using var server = await StartAsync(new() { ["WebSockets:MessageTimeMax"] = "00:00:00.3" });
        await using var client = await server.ConnectAsync();
        await client.Raw.SendAsync(new byte[1_000_000], WebSocketMessageType.Text, endOfMessage: false, Soon.Token);
        Assert.Contains("request_timeout", await client.ReceiveTextAsync(), StringComparison.Ordinal);
        await client.Raw.SendAsync(new byte[1_000_000], WebSocketMessageType.Text, endOfMessage: true, Soon.Token);
        await client.Raw.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Soon.Token);
        await Soon.In(UntilAsync(() => MemoryOf(server).Frames.Share.Bytes == 0));
    }

    [Fact]
    public async Task UnfinishedMessages_OfOneConnection_LeaveRoomForOthers()
    {
        await using var server = await StartAsync(new() { ["Memory:FramesBytesMax"] = "4000000" });
        await using var greedy = await server.ConnectAsync(options => options.DangerousDeflateOptions = new WebSocketDeflateOptions());
        await greedy.Raw.SendAsync(new byte[15_000_000], WebSocketMessageType.Text, endOfMessage: false, Soon.Token); // a few KB, deflated
        await using var other = await server.ConnectAsync();
        await other.SendAsync(Frame(200_000, "x", null));
        Assert.Contains("response.completed", (await other.ReceiveTurnAsync())[^1].GetRawText(), StringComparison.Ordinal);
        await greedy.Raw.SendAsync(new byte[1000], WebSocketMessageType.Text, endOfMessage: true, Soon.Token);
        Assert.Contains("server_is_overloaded", await greedy.ReceiveTextAsync(), StringComparison.Ordinal);
        await Soon.In(UntilAsync(() => MemoryOf(server).Frames.Share.Bytes == 0));
        await greedy.SendAsync(Frame(1000, "x", null)); // and the socket goes on
        Assert.Contains("response.completed", (await greedy.ReceiveTurnAsync())[^1].GetRawText(), StringComparison.Ordinal);
    }

    private Task<RunningServer> StartAsync(Dictionary<string, string?> settings) => RunningServer.StartAsync(
        new ScriptedBackend(new IdSource())
        {
            OnPhase = (turn, phase, cancelled) =>
                turn.Request.User == "block" && phase == ScriptPhase.Finishing ? _gate.PassAsync(cancelled) : ValueTask.CompletedTask,
        },
        settings);

    private static MemoryShares MemoryOf(RunningServer server) => server.Services.GetRequiredService<MemoryShares>();

    private static async Task<HttpResponseMessage> PostAsync(RunningServer server, int chars, string user)
    {
        using var body = new StringContent(Body(chars, user, null), Encoding.UTF8, "application/json");
        return await server.Http.PostAsync(new Uri("/v1/responses", UriKind.Relative), body, Soon.Token);
    }

    private static string Frame(int chars, string user, string? lane) => Body(chars, user, lane, "\"type\":\"response.create\",");

    private static string Body(int chars, string user, string? lane, string type = "") =>
        $$"""{{{type}}"model":"m","store":false,"user":"{{user}}","input":"{{new string('x', chars)}}" """ +
        (lane is null ? "}" : $$""","stream_id":"{{lane}}"}""");

    private static async Task UntilAsync(Func<bool> isSo)
    {
        while (!isSo()) await Task.Yield();
    }
}
