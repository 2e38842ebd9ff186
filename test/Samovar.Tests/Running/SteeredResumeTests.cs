using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Protocol.Ids;
using Samovar.Running;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;
using static Samovar.Tests.Running.BackgroundServer;

namespace Samovar.Tests.Running;

public sealed class SteeredResumeTests : ResumableTurns
{
    private readonly PhaseGate _following = new();

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
        turn.AddRange(await socket.ReceiveTurnAsync()); // what holds it lets go where it is to end early
        gate.Open();
        var next = await socket.ReceiveTurnAsync();
        Assert.Equal("response.incomplete", TypeOf(turn[^1]));
        Assert.Equal(("response.completed", IdOf(created)),
            (TypeOf(next[^1]), next[^1].GetProperty("response").GetProperty("previous_response_id").GetString()));
        Assert.Equal(2, Backend.Turns);
        var again = await socket.AskAsync(Create);
        Assert.Equal(turn.Select(e => e.GetRawText()), again.Select(e => e.GetRawText()));
        Assert.Equal(next.Select(e => e.GetRawText()), (await socket.ReceiveTurnAsync()).Select(e => e.GetRawText()));
        Assert.Equal(2, Backend.Turns);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    [InlineData(3)] // all of the steered response
    public async Task WhatFollowsASteeredTurn_IsRead_WhereThatTurnIsResumed(int after)
    {
        var held = new PhaseGate();
        Backend.OnPhase = (turn, phase, cancelled) => phase switch
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
        Time.Advance(Grace); // it has a reader again
        _following.Open();
        next.AddRange(await second.ReceiveTurnAsync());
        Assert.Equal(Enumerable.Range(0, next.Count), next.Select(NumberOf));
        Assert.Equal(("response.completed", IdOf(turn[0])),
            (TypeOf(next[^1]), next[^1].GetProperty("response").GetProperty("previous_response_id").GetString()));
        Assert.Equal((2, 0), (Backend.Turns, Backend.Stopped));
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
        Assert.Equal((3, 0), (Backend.Turns, Backend.Stopped));
    }
}
