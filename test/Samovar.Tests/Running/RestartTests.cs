using Samovar.Protocol.Ids;
using Samovar.Running;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Stores;
using static Samovar.Tests.Running.BackgroundServer;

namespace Samovar.Tests.Running;

public sealed class RestartTests
{
    private static readonly BackgroundOptions Options = new();

    [Fact]
    public async Task WhatADeadServerRan_HasFailed_AtTheNextStart()
    {
        await using var dead = await new BackgroundServer().StartAsync(("Background:RunningMax", "1"));
        var gate = dead.HoldAt(ScriptPhase.Finishing);
        var running = await dead.BeginStreamAsync();
        await Soon.In(gate.Reached);
        var waiting = await dead.BeginAsync();
        await using var next = await new BackgroundServer { Rows = dead.Rows }.StartAsync();
        foreach (var id in new[] { running, waiting })
        {
            var response = (await next.GetAsync(id)).Body;
            Assert.Equal(("failed", "server_restart"), (StatusOf(response), CodeOf(response)));
            Assert.Equal("Cannot cancel a failed response.", MessageOf((await next.CancelAsync(id)).Body));
            Assert.Equal(1, (await next.GetAsync(id + "/input_items")).Body.GetProperty("data").GetArrayLength());
        }
        var end = Assert.Single(await next.ReplayAsync(running, after: 7));
        Assert.Equal(("response.failed", 8), (TypeOf(end), NumberOf(end)));
    }

    [Fact]
    public async Task RowThatCannotBeRead_HasFailed_LikeTheOthers()
    {
        await using var house = new BackgroundServer();
        var id = new ResponseId("resp_damaged");
        await house.Rows.NoteAsync(new RunningRow
        {
            Tenant = TenantId.Local, Id = id, Process = "dead", StartedAt = house.Time.GetUtcNow(), Snapshot = "{\"id\":"u8.ToArray(),
        }, new RunningRowInput(Parent: null, "{"u8.ToArray()), Soon.Token);
        await house.StartAsync();
        var response = (await house.GetAsync(id.Value)).Body;
        Assert.Equal(("failed", "server_restart"), (StatusOf(response), CodeOf(response)));
        var (status, items) = await house.GetAsync(id.Value + "/input_items");
        Assert.Equal((System.Net.HttpStatusCode.InternalServerError, "stored_response_unreadable"), (status, CodeOf(items)));
    }

    [Fact]
    public async Task OtherServersOfOneStore_AreLeftAlone_WhileTheyLive()
    {
        var time = new ManualTime();
        var rows = new MemoryRunningRows(time) { IsOfOneProcess = false };
        await using var one = await new BackgroundServer { Rows = rows }.StartAsync();
        var gate = one.HoldAt(ScriptPhase.Finishing);
        var id = await one.BeginAsync();
        await Soon.In(gate.Reached);
        await using var two = await new BackgroundServer { Rows = rows }.StartAsync();
        Assert.Equal("queued", StatusOf((await two.GetAsync(id)).Body));
        await Soon.In(two.Time.WhenArmed(Options.LeaseInterval)); // the first server says nothing any more
        for (var due = TimeSpan.Zero; due <= Options.LeaseMax; due += Options.LeaseInterval) await RenewAsync(time, two);
        Assert.Equal("failed", StatusOf(await two.EndedAsync(id)));
        gate.Open();
    }

    /// <summary>Behind an outage all seem dead to the first that finds the store again.</summary>
    [Fact]
    public async Task StoreThatWasAway_MakesNobodyDead()
    {
        var time = new ManualTime();
        var rows = new MemoryRunningRows(time) { IsOfOneProcess = false };
        await using var one = await new BackgroundServer { Rows = rows }.StartAsync();
        await using var two = await new BackgroundServer { Rows = rows }.StartAsync();
        var gate = one.HoldAt(ScriptPhase.Finishing);
        var id = await one.BeginAsync();
        await Soon.In(gate.Reached);
        await LetJudgeAsync(time, one, two);
        rows.IsAway = true;
        time.Advance(Options.LeaseMax + TimeSpan.FromSeconds(1));
        await RenewAsync(time, one, two);
        rows.IsAway = false;
        foreach (var server in new[] { two, two, one, two }) await RenewAsync(server); // a connection may take its time to come back
        Assert.False(Assert.Single(rows.Rows).IsEnded);
        gate.Open();
        Assert.Equal("completed", StatusOf(await one.EndedAsync(id)));
        await Soon.UntilAsync(() => rows.Rows.Count == 0);
    }

    /// <summary>By a clock that was set all who live have been silent for long.</summary>
    [Fact]
    public async Task StoresClockThatIsSet_MakesNobodyDead()
    {
        var time = new ManualTime();
        var rows = new MemoryRunningRows(time) { IsOfOneProcess = false };
        await using var one = await new BackgroundServer { Rows = rows }.StartAsync();
        await using var two = await new BackgroundServer { Rows = rows }.StartAsync();
        var gate = one.HoldAt(ScriptPhase.Finishing);
        var id = await one.BeginAsync();
        await Soon.In(gate.Reached);
        await LetJudgeAsync(time, one, two);
        time.Advance(2 * Options.LeaseMax);
        foreach (var server in new[] { two, two, one, two }) await RenewAsync(server);
        Assert.False(Assert.Single(rows.Rows).IsEnded);
        await RenewAsync(time, one, two);
        gate.Open();
        Assert.Equal("completed", StatusOf(await one.EndedAsync(id)));
        await Soon.UntilAsync(() => rows.Rows.Count == 0);
    }

    /// <summary>Until they have reached the store for so long that they may say of others that they are dead.</summary>
    private static async Task LetJudgeAsync(ManualTime time, params BackgroundServer[] servers)
    {
        foreach (var server in servers) await Soon.In(server.Time.WhenArmed(Options.LeaseInterval));
        for (var due = TimeSpan.Zero; due < Options.LeaseMax; due += Options.LeaseInterval) await RenewAsync(time, servers);
    }

    /// <summary>The store's clock goes on as theirs.</summary>
    private static async Task RenewAsync(ManualTime time, params BackgroundServer[] servers)
    {
        time.Advance(Options.LeaseInterval);
        foreach (var server in servers) await RenewAsync(server);
    }

    private static async Task RenewAsync(BackgroundServer server)
    {
        var before = server.Rows.Renewals;
        server.Time.Advance(Options.LeaseInterval);
        await Soon.UntilAsync(() => server.Rows.Renewals > before);
    }

    [Fact]
    public async Task ServerThatStops_EndsWhatWaits()
    {
        await using var house = await new BackgroundServer().StartAsync(("Background:RunningMax", "1"));
        var gate = house.HoldAt(ScriptPhase.Finishing);
        await house.BeginAsync();
        await Soon.In(gate.Reached);
        await house.BeginAsync();
        var stopping = house.Server.StopAsync();
        await Soon.In(house.Time.WhenArmed(TimeSpan.FromMilliseconds(200))); // the drain's
        gate.Open();
        await Soon.In(stopping);
        var row = Assert.Single(house.Rows.Rows);
        Assert.True(row.IsEnded);
        Assert.Contains("server_restart", System.Text.Encoding.UTF8.GetString(row.Snapshot.Span), StringComparison.Ordinal);
    }
}
