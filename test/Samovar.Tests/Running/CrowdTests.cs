using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Protocol.Ids;
using Samovar.Running;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;
using static Samovar.Tests.Running.BackgroundServer;

namespace Samovar.Tests.Running;

/// <summary>Many that read one turn, and those that never do.</summary>
public sealed class CrowdTests : ResumableTurns
{
    private const int Followers = 10_000;

    [Fact]
    public async Task ManyFollowers_AllReadAllOfIt_AndLeaveNothing()
    {
        await using var house = await new BackgroundServer().StartAsync(("Replay:ReadersMax", $"{Followers + 1}"));
        var gate = house.HoldAt(ScriptPhase.Finishing);
        var id = await house.BeginStreamAsync();
        await Soon.In(gate.Reached);
        var turns = house.Server.Services.GetRequiredService<RunningTurns>();
        var turn = turns.Find(TenantId.Local, new ResponseId(id))!;
        var reading = Enumerable.Range(0, Followers).Select(_ => ReadAsync(turn)).ToList();
        gate.Open();
        var counts = await Soon.In(Task.WhenAll(reading));
        Assert.All(counts, count => Assert.Equal(turn.Log.NextNumber, count));
        await Soon.In(turns.IdleAsync());
        turns.Remove(turn);
        Assert.Equal((0, 0), (turns.Count, turns.Bytes));
    }

    [Fact]
    public async Task OneReaderTooMany_IsAskedToWait_AndComesInWhenAnotherLeaves()
    {
        await using var house = await new BackgroundServer().StartAsync(("Replay:ReadersMax", "2"));
        var gate = house.HoldAt(ScriptPhase.Finishing);
        var id = await house.BeginStreamAsync();
        await Soon.In(gate.Reached);
        var turn = house.Server.Services.GetRequiredService<RunningTurns>().Find(TenantId.Local, new ResponseId(id))!;
        await Soon.UntilAsync(() => turn.Log.Readers == 0); // the one that began it has left
        var first = turn.Open(after: -1);
        using (turn.Open(after: -1))
        {
            var (status, error) = await house.GetAsync(id, "?stream=true");
            Assert.Equal((HttpStatusCode.TooManyRequests, "rate_limit_exceeded"), (status, CodeOf(error)));
        }
        gate.Open();
        Assert.Equal("response.completed", TypeOf((await house.ReplayAsync(id))[^1]));
        first.Dispose();
    }

    [Fact]
    public async Task OneConnectionTooMany_IsAskedToWait_AndGoesOn()
    {
        await StartServerAsync(("Replay:ReadersMax", "1"));
        var gate = new PhaseGate();
        Backend.OnPhase = (_, phase, cancelled) => phase == ScriptPhase.Finishing ? gate.PassAsync(cancelled) : default;
        await using var first = await ConnectAsync();
        await first.SendAsync(Create);
        var id = IdOf(await first.ReceiveAsync());
        await Soon.In(gate.Reached);
        await using var second = await ConnectAsync();
        foreach (var frame in new[] { Resume(id, after: -1), Create })
            Assert.Equal("server_is_overloaded", CodeOf((await second.AskAsync(frame))[0]));
        gate.Open();
        await first.ReceiveTurnAsync();
        await Soon.UntilAsync(() => Turns.Running == 0);
        Assert.Equal("response.completed", TypeOf((await second.AskAsync(Resume(id, after: -1)))[^1]));
    }

    [Fact]
    public async Task ReaderThatNeverReads_IsLost_AndHoldsNothingBack()
    {
        await using var house = await new BackgroundServer().StartAsync(("Replay:TurnBytesMax", "65536"));
        var words = string.Join(' ', Enumerable.Repeat("word", 2000));
        var gate = house.HoldAt(ScriptPhase.Accepted);
        var id = await house.BeginStreamAsync($"[[final={words}]]");
        await Soon.In(gate.Reached);
        var turns = house.Server.Services.GetRequiredService<RunningTurns>();
        using var idle = turns.Find(TenantId.Local, new ResponseId(id))!.Open(after: -1);
        gate.Open();
        Assert.Equal("completed", StatusOf(await house.EndedAsync(id)));
        Assert.True(idle.IsLost);
        Assert.InRange(turns.Bytes, 1, 2 * 65536);
    }

    [Fact]
    public async Task ClientThatReadsFromTheStartAgainAndAgain_GetsTheSame_AndHoldsNothingMore()
    {
        await StartServerAsync();
        await using var socket = await ConnectAsync();
        var all = await socket.AskAsync(Create);
        await Soon.In(Turns.IdleAsync());
        var bytes = Turns.Bytes;
        for (var i = 0; i < 200; i++)
        {
            var again = await socket.AskAsync(Resume(IdOf(all[0]), after: -1));
            Assert.Equal(all.Select(static e => e.GetRawText()), again.Select(static e => e.GetRawText()));
        }
        Assert.Equal((bytes, 1, 1), (Turns.Bytes, Turns.Count, Backend.Turns));
    }

    private RunningTurns Turns => Server.Services.GetRequiredService<RunningTurns>();

    private static async Task<long> ReadAsync(RunningTurn turn)
    {
        using var reader = turn.Open(after: -1);
        var count = 0L;
        while (await reader.WaitAsync(Soon.Token))
            while (reader.TryRead(out _)) count++;
        return count;
    }
}
