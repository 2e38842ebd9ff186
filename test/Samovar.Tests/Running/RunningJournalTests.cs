using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Running;
using Samovar.Testing;
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
}
