using System.Net;
using Samovar.Protocol.Errors;
using Samovar.Running;
using Samovar.Scheduling.Fairness;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using static Samovar.Tests.Running.BackgroundServer;

namespace Samovar.Tests.Running;

public sealed class BackgroundLineTests
{
    private static readonly FlowId Flood = new("flood"), Other = new("other");

    [Fact]
    public void FullLine_RefusesItsTenant_AndTakesAnother()
    {
        var line = new BackgroundLine(new BackgroundOptions { RunningMax = 1, QueuedMax = 4, QueuedPerTenantMax = 2 });
        var running = line.Enter(Flood);
        Assert.True(running.IsGiven);
        line.Enter(Flood);
        line.Enter(Flood);
        var refused = Assert.Throws<ApiException>(() => line.Enter(Flood));
        Assert.Equal((Errors.RateLimited, new BackgroundOptions().RetryAfter), (refused.Kind, refused.RetryAfter));
        var waits = line.Enter(Other);
        Assert.False(waits.IsGiven);
        running.Dispose();
        Assert.True(waits.IsGiven); // the tenant that has had fewest comes first
        Assert.Equal((1, 2), (line.Running, line.Waiting));
    }

    [Fact]
    public void PlaceThatIsGivenWhileItsTurnLeaves_IsNotLost()
    {
        var line = new BackgroundLine(new BackgroundOptions { RunningMax = 1, QueuedMax = 1, QueuedPerTenantMax = 1 });
        for (var times = 0; times < 20_000; times++)
        {
            var (runs, waits) = (line.Enter(Flood), line.Enter(Flood));
            Parallel.Invoke(runs.Dispose, waits.Dispose);
            Assert.Equal((0, 0), (line.Running, line.Waiting));
        }
    }

    [Fact]
    public void NodeThatIsFull_RefusesEverybody_WhoWaitsAlready()
    {
        var line = new BackgroundLine(new BackgroundOptions { RunningMax = 1, QueuedMax = 2, QueuedPerTenantMax = 10 });
        for (var i = 0; i < 3; i++) line.Enter(Flood);
        Assert.Equal(Errors.ServerOverloaded, Assert.Throws<ApiException>(() => line.Enter(Flood)).Kind);
    }

    [Fact]
    public void FloodOfOneTenant_LeavesAPlaceForAnother()
    {
        var options = new BackgroundOptions();
        var line = new BackgroundLine(options);
        var refused = 0;
        for (var i = 0; i < 2000; i++)
        {
            try { line.Enter(Flood); }
            catch (ApiException full) when (full.Kind == Errors.RateLimited) { refused++; }
        }
        Assert.Equal((options.QueuedPerTenantMax, 2000), (line.Waiting, line.Running + line.Waiting + refused));
        Assert.True(line.Enter(Other).IsGiven);
    }

    [Fact]
    public void WhoLeavesTheLine_IsNotServed()
    {
        var line = new BackgroundLine(new BackgroundOptions { RunningMax = 1 });
        var running = line.Enter(Flood);
        var leaves = line.Enter(Flood);
        var stays = line.Enter(Flood);
        leaves.Dispose();
        running.Dispose();
        Assert.Equal((false, true), (leaves.IsGiven, stays.IsGiven));
        stays.Dispose();
        Assert.Equal((0, 0), (line.Running, line.Waiting));
    }

    [Fact]
    public async Task QueuedOnes_WaitTheirTurn_AndCanBeCancelled_WithoutEverRunning()
    {
        await using var house = await new BackgroundServer().StartAsync(
            ("Background:RunningMax", "1"), ("Background:QueuedPerTenantMax", "2"));
        var gate = house.HoldAt(ScriptPhase.Finishing);
        var first = await house.BeginAsync();
        await Soon.In(gate.Reached);
        var (second, third) = (await house.BeginAsync(), await house.BeginAsync());
        var (status, error) = await house.CreateAsync();
        Assert.Equal((HttpStatusCode.TooManyRequests, "rate_limit_exceeded"), (status, CodeOf(error)));
        Assert.Equal("queued", StatusOf((await house.GetAsync(third)).Body));
        Assert.Equal("cancelled", StatusOf((await house.CancelAsync(second)).Body));
        gate.Open();
        Assert.Equal("completed", StatusOf(await house.EndedAsync(first)));
        Assert.Equal("completed", StatusOf(await house.EndedAsync(third)));
        Assert.Equal("cancelled", StatusOf(await house.EndedAsync(second)));
        Assert.Equal(2, house.Backend.Turns);
    }

    [Fact]
    public async Task WhoWaitsTooLong_Fails()
    {
        var patience = TimeSpan.FromMinutes(1);
        await using var house = await new BackgroundServer().StartAsync(
            ("Background:RunningMax", "1"), ("Background:QueueWaitMax", "00:01:00"));
        var gate = house.HoldAt(ScriptPhase.Finishing);
        await house.BeginAsync();
        await Soon.In(gate.Reached);
        var waits = await house.BeginAsync();
        await Soon.In(house.Time.WhenArmed(patience));
        house.Time.Advance(patience);
        var ended = await house.EndedAsync(waits);
        Assert.Equal(("failed", "turn_timed_out"), (StatusOf(ended), CodeOf(ended)));
        gate.Open();
    }
}
