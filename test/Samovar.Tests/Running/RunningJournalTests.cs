using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Chains.Packing;
using Samovar.Protocol.Ids;
using Samovar.Running;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Stores;
using static Samovar.Tests.Running.BackgroundServer;

namespace Samovar.Tests.Running;

public sealed class RunningJournalTests
{
    [Fact]
    public async Task StoreThatIsAway_RefusesBackground_AndNothingElse()
    {
        await using var house = await new BackgroundServer().StartAsync();
        house.Rows.IsAway = true;
        var (status, _) = await house.CreateAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal(0, house.Backend.Turns);
        var turns = house.Server.Services.GetRequiredService<RunningTurns>();
        Assert.Equal((0, 0), (turns.Count, turns.Bytes)); // nothing of it stays counted
        Assert.Equal(HttpStatusCode.OK, (await house.PostAsync("/v1/responses", """{"model":"m","input":"x"}""")).Status);
        house.Rows.IsAway = false;
        Assert.Equal("completed", StatusOf(await house.EndedAsync(await house.BeginAsync())));
    }

    [Fact]
    public async Task TurnThatMayBeNotedThoughItWasRefused_IsNeverFound_AndTakenBack()
    {
        await using var house = await new BackgroundServer().StartAsync();
        house.Rows.IsUnsure = true;
        var (status, _) = await house.CreateAsync();
        Assert.Equal((HttpStatusCode.ServiceUnavailable, 0), (status, house.Backend.Turns));
        var left = Assert.Single(house.Rows.Rows);
        foreach (var path in new[] { left.Id.Value, left.Id.Value + "/input_items" })
            Assert.Equal(HttpStatusCode.NotFound, (await house.GetAsync(path)).Status);
        house.Rows.IsUnsure = false;
        await Soon.In(house.Time.WhenArmed(new BackgroundOptions().LeaseInterval));
        house.Time.Advance(new BackgroundOptions().LeaseInterval);
        await Soon.UntilAsync(() => house.Rows.Rows.Count == 0);
    }

    [Fact]
    public async Task ResponseThatCannotBeRead_KeepsNoOtherFromItsEnd()
    {
        await using var house = new BackgroundServer();
        var stored = new StoredChains().Next(null);
        await house.Store.AddAsync(stored, ChainClaim.New, Soon.Token);
        var left = new ResponseId("resp_left");
        foreach (var id in new[] { stored.Id, left }) await NoteAsync(house, id, "proc_dead");
        house.Store.IsUnreadable = true;
        await house.StartAsync();
        await Soon.UntilAsync(() => house.Rows.Rows is [{ IsEnded: true } row] && row.Id == left);
    }

    [Fact]
    public async Task ResponseThatAnotherProcessMakes_IsNotDeleted()
    {
        await using var house = new BackgroundServer { Rows = new MemoryRunningRows(new ManualTime()) { IsOfOneProcess = false } };
        var id = new ResponseId("resp_elsewhere");
        await house.Rows.RenewAsync(
            new ProcessLease("proc_other", TimeSpan.FromMinutes(1), TimeSpan.FromDays(1), MayJudge: true), Soon.Token);
        await NoteAsync(house, id, "proc_other");
        await house.StartAsync();
        var (status, body) = await house.DeleteAsync(id.Value);
        Assert.Equal((HttpStatusCode.BadRequest, "Cannot delete an in-flight response."), (status, MessageOf(body)));
        Assert.Single(house.Rows.Rows);
    }

    /// <summary>Reads may be crowded where writes are not: whoever is silent for want of a read would lose its turns to others.</summary>
    [Fact]
    public async Task ProcessThatCannotReadTheStoresClock_SaysThatItLives_AndEndsNobodysTurns()
    {
        await using var house = new BackgroundServer
        {
            Rows = new MemoryRunningRows(new ManualTime()) { IsOfOneProcess = false, IsClockAway = true },
        };
        await NoteAsync(house, new ResponseId("resp_left"), "proc_dead");
        await house.StartAsync();
        for (var round = 1; round <= 9; round++) // for longer than LeaseMax
        {
            await Soon.UntilAsync(() => house.Rows.Renewals >= round);
            await Soon.In(house.Time.WhenArmed(new BackgroundOptions().LeaseInterval));
            house.Time.Advance(new BackgroundOptions().LeaseInterval);
        }
        Assert.False(Assert.Single(house.Rows.Rows).IsEnded);
        Assert.False(house.Rows.HasJudged);
    }

    /// <summary>Nobody knows at the start whether the clock is right.</summary>
    [Fact]
    public async Task OldEnds_Go_WhenTheStoresClockHasGoneOnForAWhile()
    {
        await using var house = new BackgroundServer();
        var id = new ResponseId("resp_old");
        await NoteAsync(house, id, "proc_dead");
        await house.Rows.EndAsync(TenantId.Local, id, "{}"u8.ToArray(), new RunningRowRoom(100, 1000), Soon.Token);
        house.Time.Advance(new BackgroundOptions().EndsKeptFor + TimeSpan.FromDays(1));
        await house.StartAsync();
        await Soon.In(house.Time.WhenArmed(new BackgroundOptions().LeaseInterval));
        Assert.Single(house.Rows.Rows);
        house.Time.Advance(TimeSpan.FromHours(1));
        await Soon.UntilAsync(() => house.Rows.Rows.Count == 0);
    }

    private static async Task NoteAsync(BackgroundServer house, ResponseId id, string process) => await house.Rows.NoteAsync(
        new RunningRow
        {
            Tenant = TenantId.Local, Id = id, Process = process, StartedAt = house.Time.GetUtcNow(),
            Snapshot = Encoding.UTF8.GetBytes($$"""{"id":"{{id.Value}}","object":"response","status":"in_progress"}"""),
        }, new RunningRowInput(null, InputPacking.Pack([])), Soon.Token);
}
