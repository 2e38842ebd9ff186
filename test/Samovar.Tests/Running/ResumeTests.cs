using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Running;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;
using static Samovar.Tests.Running.BackgroundServer;

namespace Samovar.Tests.Running;

public sealed class ResumeTests : ResumableTurns
{
    [Fact]
    public async Task TurnThatLostItsSocket_GoesOn_AndIsReadOnAnother_FromWhereItWas()
    {
        var gate = await StartAsync(ScriptPhase.Finishing);
        await using var first = await ConnectAsync();
        await first.SendAsync(Create);
        List<JsonElement> seen = [await first.ReceiveAsync(), await first.ReceiveAsync(), await first.ReceiveAsync()];
        await Soon.In(gate.Reached);
        first.Drop();
        await SoonOrphanedAsync();
        await using var second = await ConnectAsync();
        await second.SendAsync(Resume(IdOf(seen[0]), after: 2));
        seen.Add(await second.ReceiveAsync());
        gate.Open();
        while (!ClientSocket.IsTerminal(seen[^1])) seen.Add(await second.ReceiveAsync());
        Assert.Equal(Enumerable.Range(0, seen.Count), seen.Select(NumberOf));
        Assert.Equal("response.completed", TypeOf(seen[^1]));
        Assert.Equal((1, 0), (Backend.Turns, Backend.Stopped));
        var next = await second.AskAsync("""{"input":"go on"}"""); // its lane has the response now
        Assert.Equal(IdOf(seen[0]), next[^1].GetProperty("response").GetProperty("previous_response_id").GetString());
    }

    [Fact]
    public async Task EveryNumber_GetsExactlyWhatFollows_AfterTheEnd()
    {
        await StartAsync();
        await using var socket = await ConnectAsync();
        var all = await socket.AskAsync(Create);
        for (var after = -1; after < all.Count - 1; after++)
        {
            var again = await socket.AskAsync(Resume(IdOf(all[0]), after));
            Assert.Equal(all.Skip(after + 1).Select(e => e.GetRawText()), again.Select(e => e.GetRawText()));
        }
        Assert.Equal(1, Backend.Turns);
    }

    [Fact]
    public async Task NamedTurn_RunsOnce_HoweverOftenItIsAskedFor()
    {
        var gate = await StartAsync(ScriptPhase.Finishing);
        await using var first = await ConnectAsync();
        await first.SendAsync(Create);
        await Soon.In(gate.Reached);
        first.Drop();
        await using var second = await ConnectAsync();
        await second.SendAsync(Create);
        gate.Open();
        var running = await second.ReceiveTurnAsync();
        var ended = await second.AskAsync(Create);
        Assert.Equal(running.Select(e => e.GetRawText()), ended.Select(e => e.GetRawText()));
        Assert.Equal(0, NumberOf(running[0]));
        Assert.Equal((1, 0), (Backend.Turns, Backend.Stopped));
    }

    [Fact]
    public async Task NamedTurn_IsEndedByItsCancel_AlsoWhereTheFrameThatReadsItWaitsForAPlace()
    {
        var gate = new PhaseGate();
        Backend.OnPhase = (_, phase, cancelled) => phase == ScriptPhase.Finishing ? gate.PassAsync(cancelled) : ValueTask.CompletedTask;
        await StartServerAsync(("Sessions:InFlightMax", "1"));
        await using var first = await ConnectAsync();
        await first.SendAsync(Create);
        await Soon.In(gate.Reached);
        await using var second = await ConnectAsync();
        await second.SendAsync("""{"type":"response.create","stream_id":"x","model":"m","input":"[[final=four]]"}""");
        var e = await second.ReceiveAsync(); // it has the place
        await second.SendAsync(Create);
        await second.SendAsync("""{"type":"response.cancel"}""");
        while (e.TryGetProperty("stream_id", out _) || !ClientSocket.IsTerminal(e)) e = await second.ReceiveAsync();
        Assert.Equal("cancelled", e.GetProperty("response").GetProperty("status").GetString());
        await Soon.UntilAsync(() => Backend.Stopped == 1);
        Assert.Equal(2, Backend.Turns);
        gate.Open();
    }

    [Fact]
    public async Task NamedTurn_ThatIsRefused_IsRefusedToThoseWhoAskedForItMeanwhile()
    {
        var gate = new PhaseGate();
        Backend.OnPhase = async (_, _, cancelled) =>
        {
            await gate.PassAsync(cancelled);
            throw new ApiException(Errors.RateLimited, TimeSpan.FromSeconds(1));
        };
        await StartServerAsync();
        await using var first = await ConnectAsync();
        await first.SendAsync(Create);
        await Soon.In(gate.Reached);
        first.Drop();
        await using var second = await ConnectAsync();
        await second.SendAsync(Create);
        await Soon.UntilAsync(() => Server.Services.GetRequiredService<RunningTurns>().Figures.Resumed == 1);
        gate.Open();
        Assert.Equal("rate_limit_exceeded", CodeOf(await second.ReceiveAsync()));
    }

    [Fact]
    public async Task TurnThatNobodyResumes_IsStopped_AfterItsGrace()
    {
        var gate = await StartAsync(ScriptPhase.Finishing);
        await using var socket = await ConnectAsync();
        await socket.SendAsync(Create);
        var id = IdOf(await socket.ReceiveAsync());
        await Soon.In(gate.Reached);
        socket.Drop();
        await SoonOrphanedAsync();
        Time.Advance(Grace);
        await using var second = await ConnectAsync();
        var events = await second.AskAsync(Resume(id, after: -1));
        Assert.Equal("cancelled", StatusOf(events[^1].GetProperty("response")));
        Assert.Equal(1, Backend.Stopped);
    }

    [Fact]
    public async Task Resume_IsRefused_WhereThereIsNothing_OrNoLonger()
    {
        await StartAsync();
        await using var socket = await ConnectAsync();
        var unknown = await socket.AskAsync(Resume("resp_none", after: 0));
        Assert.Equal("response_not_found", CodeOf(unknown[0]));
        Assert.Equal("response_id", unknown[0].GetProperty("error").GetProperty("param").GetString());
        var id = IdOf((await socket.AskAsync(Create))[0]);
        await Soon.In(Time.WhenArmed(new ReplayOptions().KeptFor));
        Time.Advance(new ReplayOptions().KeptFor);
        foreach (var after in new[] { -1, 6 }) // the first one from its beginning
        {
            var expired = (await socket.AskAsync(Resume(id, after)))[0].GetProperty("error");
            Assert.Equal("response_events_expired", expired.GetProperty("code").GetString());
            Assert.Contains($" from number {after + 1} on ", expired.GetProperty("message").GetString(), StringComparison.Ordinal);
        }
        Assert.Equal("missing_required_parameter", CodeOf((await socket.AskAsync("""{"type":"response.resume"}"""))[0]));
        Assert.Equal("integer_below_min_value",
            CodeOf((await socket.AskAsync($$"""{"type":"response.resume","response_id":"{{id}}","starting_after":-1}"""))[0]));
        Assert.Equal("response.completed", TypeOf((await socket.AskAsync("""{"input":"hi"}"""))[^1])); // the socket goes on
    }

    [Fact]
    public async Task Resume_InALane_ComesInItsOrder_UnderItsName()
    {
        await StartAsync();
        await using var socket = await ConnectAsync();
        var id = IdOf((await socket.AskAsync(Create))[0]);
        await socket.SendAsync("""{"type":"response.create","model":"m","input":"x","stream_id":"a"}""");
        await socket.SendAsync($$"""{"type":"response.resume","response_id":"{{id}}","stream_id":"a","starting_after":3}""");
        var turn = await socket.ReceiveTurnAsync();
        var again = await socket.ReceiveTurnAsync();
        Assert.NotEqual(id, IdOf(turn[0]));
        Assert.Equal(4, NumberOf(again[0]));
        Assert.All(again, e => Assert.Equal("a", e.GetProperty("stream_id").GetString()));
        Assert.Equal(id, IdOf(again[^1]));
    }

    [Fact]
    public async Task ClientThatNeverSaidSo_IsStoppedAtOnce()
    {
        var stopped = new TaskCompletionSource();
        var gate = new PhaseGate();
        Backend.OnPhase = async (_, phase, cancelled) =>
        {
            if (phase != ScriptPhase.Finishing) return;
            try { await gate.PassAsync(cancelled); }
            finally { stopped.TrySetResult(); }
        };
        await StartServerAsync();
        await using var socket = await Server.ConnectAsync();
        await socket.SendAsync(Create);
        await Soon.In(gate.Reached);
        socket.Drop();
        await Soon.In(stopped.Task);
    }

    [Fact]
    public async Task OddMarker_IsRefused()
    {
        await StartAsync();
        await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => Server.ConnectAsync(query: "?resume=yes"));
    }

    [Fact]
    public async Task ChainThatIsNotStored_GoesOnWhereItWasResumed()
    {
        var gate = await StartAsync(ScriptPhase.Finishing);
        await using var first = await ConnectAsync();
        await first.SendAsync("""{"type":"response.create","model":"m","input":"x","store":false}""");
        var id = IdOf(await first.ReceiveAsync());
        await Soon.In(gate.Reached);
        first.Drop();
        await SoonOrphanedAsync();
        gate.Open();
        await using var second = await ConnectAsync();
        await second.AskAsync(Resume(id, after: 0));
        var next = await second.AskAsync(
            $$"""{"type":"response.create","model":"m","input":"y","store":false,"previous_response_id":"{{id}}"}""");
        Assert.Equal("response.completed", TypeOf(next[^1]));
    }

    [Fact]
    public async Task EveryConnectionThatSawTheEnd_GoesOnFromIt_ThoughOthersReadTheSame()
    {
        var gate = await StartAsync(ScriptPhase.Finishing);
        await using var first = await ConnectAsync();
        await first.SendAsync("""{"type":"response.create","model":"m","input":"x","store":false}""");
        var id = IdOf(await first.ReceiveAsync());
        await Soon.In(gate.Reached);
        await using var second = await ConnectAsync();
        await using var third = await ConnectAsync();
        await second.SendAsync(Resume(id, after: -1));
        await second.ReceiveAsync();
        await third.SendAsync(Resume(id, after: -1));
        await third.ReceiveAsync();
        gate.Open();
        foreach (var socket in new[] { first, second, third })
            Assert.Equal("response.completed", TypeOf((await socket.ReceiveTurnAsync())[^1]));
        foreach (var socket in new[] { first, second, third })
        {
            var next = await socket.AskAsync(
                $$"""{"type":"response.create","model":"m","input":"y","store":false,"previous_response_id":"{{id}}"}""");
            Assert.Equal("response.completed", TypeOf(next[^1]));
        }
    }

    [Fact]
    public async Task NamedTurnThatContinuesAnUnstoredOne_FindsIt_ThoughAnotherConnectionReadsItToo()
    {
        var gate = await StartAsync();
        await using var first = await ConnectAsync();
        var before = await first.AskAsync("""{"type":"response.create","model":"m","input":"x","store":false}""");
        var held = new PhaseGate();
        Backend.OnPhase = (_, phase, cancelled) => phase == ScriptPhase.Finishing ? held.PassAsync(cancelled) : ValueTask.CompletedTask;
        var named = $$"""
            {"type":"response.create","model":"m","input":"y","store":false,"previous_response_id":"{{IdOf(before[0])}}","resume_key":"k"}
            """;
        await first.SendAsync(named);
        await Soon.In(held.Reached);
        await using var second = await ConnectAsync();
        await second.SendAsync(named);
        await second.ReceiveAsync();
        held.Open();
        Assert.Equal("response.completed", TypeOf((await first.ReceiveTurnAsync())[^1]));
        Assert.Equal("response.completed", TypeOf((await second.ReceiveTurnAsync())[^1]));
        Assert.Equal(2, Backend.Turns);
        foreach (var socket in new[] { second, first })
            Assert.Equal("response.completed", TypeOf((await socket.AskAsync("""{"input":"go on","store":false}"""))[^1]));
        gate.Open();
    }

    [Fact]
    public async Task StoreThatIsAway_IsSaid_WhereAnUnknownTurnIsAskedFor()
    {
        await using var house = await new BackgroundServer().StartAsync();
        house.Store.IsAway = true;
        await using var socket = await house.Server.ConnectAsync(query: "?resume=true");
        var answer = (await socket.AskAsync(Resume("resp_nobody", after: -1)))[^1];
        Assert.Equal(("error", 503, "store_unavailable"),
            (TypeOf(answer), answer.GetProperty("status").GetInt32(), CodeOf(answer)));
    }
}
