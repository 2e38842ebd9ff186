using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Protocol.Ids;
using Samovar.Running;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;
using static Samovar.Tests.Running.BackgroundServer;

namespace Samovar.Tests.Running;

public sealed class ResumeTests : IAsyncDisposable
{
    private const string Create = """{"type":"response.create","model":"m","input":"[[final=one two three]]","resume_key":"k1"}""";
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(17); // no other timer is due then
    private readonly ManualTime _time = new();
    private readonly ScriptedBackend _backend = new(new IdSource());
    private readonly PhaseGate _following = new();
    private RunningServer _server = null!;

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
        Assert.Equal((1, 0), (_backend.Turns, _backend.Stopped));
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
        Assert.Equal(1, _backend.Turns);
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
        Assert.Equal((1, 0), (_backend.Turns, _backend.Stopped));
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
        _time.Advance(Grace);
        await using var second = await ConnectAsync();
        var events = await second.AskAsync(Resume(id, after: -1));
        Assert.Equal("cancelled", StatusOf(events[^1].GetProperty("response")));
        Assert.Equal(1, _backend.Stopped);
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
        await Soon.In(_time.WhenArmed(new ReplayOptions().KeptFor));
        _time.Advance(new ReplayOptions().KeptFor);
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
        _backend.OnPhase = async (_, phase, cancelled) =>
        {
            if (phase != ScriptPhase.Finishing) return;
            try { await gate.PassAsync(cancelled); }
            finally { stopped.TrySetResult(); }
        };
        await StartServerAsync();
        await using var socket = await _server.ConnectAsync();
        await socket.SendAsync(Create);
        await Soon.In(gate.Reached);
        socket.Drop();
        await Soon.In(stopped.Task);
    }

    [Fact]
    public async Task OddMarker_IsRefused()
    {
        await StartAsync();
        await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => _server.ConnectAsync(query: "?resume=yes"));
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
    public async Task NamedTurn_ThatWasSteered_IsFollowedByATurnOfItsOwn_AndKeepsItsName()
    {
        var gate = await StartAsync(ScriptPhase.Accepted);
        await using var socket = await ConnectAsync();
        await socket.SendAsync(Create);
        var created = await socket.ReceiveAsync();
        await Soon.In(gate.Reached);
        await socket.SendAsync(Steer(IdOf(created), "[[final=STEERED]]"));
        List<JsonElement> turn = [created, await socket.ReceiveAsync(), await socket.ReceiveAsync()]; // accepted
        gate.Open();
        turn.AddRange(await socket.ReceiveTurnAsync());
        var next = await socket.ReceiveTurnAsync();
        Assert.Equal("response.incomplete", TypeOf(turn[^1]));
        Assert.Equal(("response.completed", IdOf(created)),
            (TypeOf(next[^1]), next[^1].GetProperty("response").GetProperty("previous_response_id").GetString()));
        Assert.Equal(2, _backend.Turns);
        var again = await socket.AskAsync(Create);
        Assert.Equal(turn.Select(e => e.GetRawText()), again.Select(e => e.GetRawText()));
        Assert.Equal(next.Select(e => e.GetRawText()), (await socket.ReceiveTurnAsync()).Select(e => e.GetRawText()));
        Assert.Equal(2, _backend.Turns);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    [InlineData(3)] // all of the steered response
    public async Task WhatFollowsASteeredTurn_IsRead_WhereThatTurnIsResumed(int after)
    {
        var held = new PhaseGate();
        _backend.OnPhase = (turn, phase, cancelled) => phase switch
        {
            ScriptPhase.Accepted when turn.Context.Parent is null => held.PassAsync(cancelled),
            ScriptPhase.Finishing when turn.Context.Parent is not null => _following.PassAsync(cancelled),
            _ => default,
        };
        await StartServerAsync();
        await using var first = await ConnectAsync();
        await first.SendAsync(Create);
        List<JsonElement> turn = [await first.ReceiveAsync()];
        await Soon.In(held.Reached);
        await first.SendAsync(Steer(IdOf(turn[0]), "[[final=STEERED]]"));
        turn.AddRange(await first.ReceiveTurnAsync());
        Assert.Equal(["response.created", "response.in_progress", "response.steer.accepted", "response.incomplete"], turn.Select(TypeOf));
        await Soon.In(_following.Reached);
        first.Drop();
        await SoonOrphanedAsync();
        await using var second = await ConnectAsync();
        await second.SendAsync(Resume(IdOf(turn[0]), after));
        List<JsonElement> again = [];
        for (var at = after + 1; at < turn.Count; at++) again.Add(await second.ReceiveAsync());
        Assert.Equal(turn.Skip(after + 1).Select(e => e.GetRawText()), again.Select(e => e.GetRawText()));
        List<JsonElement> next = [await second.ReceiveAsync()];
        _time.Advance(Grace); // it has a reader again
        _following.Open();
        next.AddRange(await second.ReceiveTurnAsync());
        Assert.Equal(Enumerable.Range(0, next.Count), next.Select(NumberOf));
        Assert.Equal(("response.completed", IdOf(turn[0])),
            (TypeOf(next[^1]), next[^1].GetProperty("response").GetProperty("previous_response_id").GetString()));
        Assert.Equal((2, 0), (_backend.Turns, _backend.Stopped));
        var bare = await second.AskAsync("""{"input":"go on"}""");
        Assert.Equal(IdOf(next[0]), bare[^1].GetProperty("response").GetProperty("previous_response_id").GetString());
    }

    [Fact]
    public async Task WordsOfALostConnection_AreGone_AndWhoReadsItsTurnElsewhereGoesOn()
    {
        var gate = await StartAsync(ScriptPhase.Speaking);
        await using var first = await ConnectAsync();
        await first.SendAsync(Create);
        var id = IdOf(await first.ReceiveAsync());
        await Soon.In(gate.Reached);
        await first.SendAsync(Steer(id, "[[final=STEERED]]"));
        while (TypeOf(await first.ReceiveAsync()) != "response.steer.accepted") { }
        first.Drop();
        await SoonOrphanedAsync();
        await using var second = await ConnectAsync();
        await using var third = await ConnectAsync();
        foreach (var socket in new[] { second, third })
        {
            await socket.SendAsync(Resume(id, after: -1));
            while (TypeOf(await socket.ReceiveAsync()) != "response.steer.accepted") { }
        }
        await second.SendAsync(Steer(id, "more"));
        Assert.Equal("steering_not_supported", CodeOf(await second.ReceiveAsync()));
        gate.Open();
        foreach (var socket in new[] { second, third })
        {
            Assert.True(ClientSocket.IsTerminal((await socket.ReceiveTurnAsync())[^1]));
            Assert.Equal("response.completed", TypeOf((await socket.AskAsync("""{"input":"go on"}"""))[^1]));
        }
        Assert.Equal((3, 0), (_backend.Turns, _backend.Stopped));
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is null) return;
        var ending = _server.DisposeAsync().AsTask();
        while (!ending.IsCompleted) // a server waits for what runs, by a clock that stands
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        await ending;
    }

    private async Task<PhaseGate> StartAsync(ScriptPhase? holdAt = null)
    {
        var gate = new PhaseGate();
        _backend.OnPhase = (_, phase, cancelled) => phase == holdAt ? gate.PassAsync(cancelled) : ValueTask.CompletedTask;
        await StartServerAsync();
        return gate;
    }

    private async Task StartServerAsync() => _server = await RunningServer.StartAsync(
        _backend, new Dictionary<string, string?> { ["Replay:OrphanGrace"] = Grace.ToString() },
        services => services.AddSingleton<TimeProvider>(_time));

    private Task<ClientSocket> ConnectAsync() => _server.ConnectAsync(query: "?resume=true");

    private Task SoonOrphanedAsync() => Soon.In(_time.WhenArmed(Grace));

    private static string Resume(string id, int after) => after < 0
        ? $$"""{"type":"response.resume","response_id":"{{id}}"}"""
        : $$"""{"type":"response.resume","response_id":"{{id}}","starting_after":{{after}}}""";

    private static string Steer(string id, string text) =>
        $$"""{"type":"response.steer","previous_response_id":"{{id}}","input":"{{text}}"}""";

    private static string IdOf(JsonElement e) => e.GetProperty("response").GetProperty("id").GetString()!;
}
