using System.Text.Json;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.WebSockets;

public class LaneTests
{
    [Fact]
    public async Task NamedLane_EchoesItsName_OnEveryEvent()
    {
        await using var server = await RunningServer.StartAsync(new ScriptedBackend(new IdSource()));
        await using var socket = await server.ConnectAsync();
        Assert.All(await socket.AskAsync(Create("side-1")), e => Assert.Equal("side-1", Lane(e)));
        Assert.All(await socket.AskAsync(Create(null)), e => Assert.Null(Lane(e)));
        var error = Assert
            .Single(await socket.AskAsync("""{"type":"response.create","stream_id":"side-1","model":"m","input":"x","temperature":7}"""));
        Assert.Equal("side-1", Lane(error));
    }

    [Fact]
    public async Task Lanes_RunSideBySide_AndEachInOrder()
    {
        var gate = new PhaseGate();
        var backend = new ScriptedBackend(new IdSource())
        {
            OnPhase = (turn, phase, cancelled) =>
                phase == ScriptPhase.Finishing && turn.Request.Lane.Name == "slow" ? gate.PassAsync(cancelled) : ValueTask.CompletedTask,
        };
        await using var server = await RunningServer.StartAsync(backend);
        await using var socket = await server.ConnectAsync();
        await socket.SendAsync(Create("slow", "first"));
        await socket.SendAsync(Create("slow", "second"));
        await Soon.In(gate.Reached);
        await socket.SendAsync(Create("quick", "other"));
        var seen = new List<string>();
        while (!seen.Contains("quick:other")) Note(await socket.ReceiveAsync(), seen); // while the slow lane waits
        Assert.Equal(["quick:other"], seen);
        gate.Open();
        while (seen.Count < 3) Note(await socket.ReceiveAsync(), seen);
        Assert.Equal(["quick:other", "slow:first", "slow:second"], seen);
    }

    [Fact]
    public async Task ThirtyThirdLane_IsRefused_AndTheOthersGoOn()
    {
        await using var server = await RunningServer.StartAsync(new ScriptedBackend(new IdSource()));
        await using var socket = await server.ConnectAsync();
        for (var lane = 1; lane <= 32; lane++) Assert.Equal("response.completed", Type((await socket.AskAsync(Create($"lane{lane}")))[^1]));
        var error = Assert.Single(await socket.AskAsync(Create("lane33")));
        Assert.Equal("websocket_stream_limit_reached", error.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal("lane33", Lane(error));
        Assert.Equal("response.completed", Type((await socket.AskAsync(Create("lane7")))[^1]));
        Assert.Equal("response.completed", Type((await socket.AskAsync(Create(null)))[^1]));
    }

    [Fact]
    public async Task ErrorOfALane_WaitsForTheTurnsBeforeIt()
    {
        var gate = new PhaseGate();
        var backend = new ScriptedBackend(new IdSource())
        {
            OnPhase = (_, phase, cancelled) => phase == ScriptPhase.Finishing ? gate.PassAsync(cancelled) : ValueTask.CompletedTask,
        };
        await using var server = await RunningServer.StartAsync(backend);
        await using var socket = await server.ConnectAsync();
        await socket.SendAsync(Create(null));
        await Soon.In(gate.Reached);
        await socket.SendAsync("not json");
        gate.Open();
        // an error in between would read as this turn's end
        Assert.Equal("response.completed", Type((await socket.ReceiveTurnAsync())[^1]));
        Assert.Equal("error", Type(await socket.ReceiveAsync()));
    }

    private static void Note(JsonElement e, List<string> seen)
    {
        if (Type(e) != "response.completed") return;
        var item = e.GetProperty("response").GetProperty("output")[0];
        seen.Add($"{Lane(e)}:{item.GetProperty("content")[0].GetProperty("text").GetString()}");
    }

    private static string Create(string? lane, string final = "fine")
    {
        var named = lane is null ? "" : $"\"stream_id\":\"{lane}\",";
        return $$"""{"type":"response.create",{{named}}"model":"m","input":"[[final={{final}}]]","store":false}""";
    }

    private static string Type(JsonElement e) => e.GetProperty("type").GetString()!;

    private static string? Lane(JsonElement e) => e.TryGetProperty("stream_id", out var lane) ? lane.GetString() : null;
}
