using Samovar.Gateway.Choice;
using Samovar.Gateway.Destinations;
using Samovar.Testing;
using Samovar.Testing.Faults;

namespace Samovar.Gateway.Tests.Choice;

/// <summary>At saturation turns wait in a fair line, for a time that is known.</summary>
public sealed class WaitQueueTests
{
    private static readonly TimeSpan WaitMax = new PoolOptions().QueueWaitMax;
    private static readonly TimeSpan OwnerWaitMax = new PoolOptions().OwnerWaitMax;

    [Fact]
    public async Task Waiter_TakesThePlaceThatIsGivenBack_AndTheRecordSaysHowLongItWaited()
    {
        using var room = new WaitingRoom(1);
        var first = await room.PlacedAsync(room.EnterAsync());
        Assert.Null(room.Newest!.Report.Queued);
        var second = room.EnterAsync();
        Assert.Equal((1, false), (room.Queue.Count, second.IsCompleted));
        room.Time.Advance(TimeSpan.FromSeconds(7));
        first.Place.Dispose();
        await room.PlacedAsync(second);
        Assert.Equal((0, 1), (room.Queue.Count, room.State("a").InFlight));
        Assert.Equal(TimeSpan.FromSeconds(7), room.Newest.Report.Queued);
    }

    [Fact]
    public async Task Tenants_AreServedInTurn_EachInItsOrder()
    {
        using var room = new WaitingRoom(1);
        var place = (await room.PlacedAsync(room.EnterAsync())).Place;
        var waiting = new List<(string Name, Task<DestinationRoute> Route)>();
        foreach (var name in new[] { "x1", "x2", "x3", "y1", "y2", "z1" }) waiting.Add((name, room.EnterAsync(name[..1])));
        List<string> served = [];
        while (waiting.Count > 0)
        {
            place.Dispose();
            var next = await Task.WhenAny(waiting.Select(each => each.Route)).WaitAsync(Soon.Patience);
            served.Add(waiting.Single(each => each.Route == next).Name);
            waiting.RemoveAll(each => each.Route == next);
            place = (await room.PlacedAsync(next)).Place;
        }
        Assert.Equal(["x1", "y1", "z1", "x2", "y2", "x3"], served);
    }

    [Fact]
    public async Task Wait_EndsAtItsTime_WithARefusal()
    {
        using var room = new WaitingRoom(1);
        await room.PlacedAsync(room.EnterAsync());
        var waiting = room.EnterAsync();
        room.Time.Advance(WaitMax - TimeSpan.FromTicks(1));
        Assert.Equal(1, room.Queue.Count);
        room.Time.Advance(TimeSpan.FromTicks(10_000));
        Assert.Equal(RefusalReason.InFlight, Assert.IsType<DestinationRoute.Nowhere>(await waiting).Soonest.Reason);
        Assert.Equal(0, room.Queue.Count);
    }

    [Fact]
    public async Task FullQueue_RefusesAtOnce()
    {
        using var room = new WaitingRoom(1);
        await room.PlacedAsync(room.EnterAsync());
        var waiting = Enumerable.Range(0, new PoolOptions().QueueMax).Select(_ => room.EnterAsync()).ToList();
        Assert.IsType<DestinationRoute.Nowhere>(await room.EnterAsync());
        Assert.All(waiting, each => Assert.False(each.IsCompleted));
    }

    [Fact]
    public async Task EndOfARest_WakesWhoeverWaits_AndALongerRestThanTheWaitRefusesAtOnce()
    {
        using var room = new WaitingRoom(0);
        room.State("a").Cool(TimeSpan.FromSeconds(12));
        var waiting = room.EnterAsync();
        room.Time.Advance(TimeSpan.FromSeconds(11));
        Assert.False(waiting.IsCompleted);
        room.Time.Advance(TimeSpan.FromSeconds(1));
        await room.PlacedAsync(waiting);

        room.State("a").Cool(WaitMax + TimeSpan.FromSeconds(1));
        var refused = Assert.IsType<DestinationRoute.Nowhere>(await room.EnterAsync());
        Assert.Equal((RefusalReason.Cooldown, WaitMax + TimeSpan.FromSeconds(1)), (refused.Soonest.Reason, refused.Soonest.RetryAfter));
    }

    [Fact]
    public async Task CancelledWait_LeavesTheLine_AndTheNextOneGetsThePlace()
    {
        using var room = new WaitingRoom(1);
        using var cancelled = new CancellationTokenSource();
        var first = await room.PlacedAsync(room.EnterAsync());
        var gone = room.EnterAsync(cancelled: cancelled.Token);
        var next = room.EnterAsync();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        Assert.Equal(1, room.Queue.Count);
        first.Place.Dispose();
        (await room.PlacedAsync(next)).Place.Dispose();
        Assert.Equal(0, room.State("a").InFlight);
    }

    [Fact]
    public async Task BusyOwner_IsWaitedForAMoment_ThenLetGoWithTheReason()
    {
        using var room = new WaitingRoom(1, 1);
        var held = await room.PlacedAsync(room.EnterAsync(owner: "a"));
        var patient = room.EnterAsync(owner: "a");
        var other = room.EnterAsync(owner: "a");
        Assert.Equal(2, room.Queue.Count); // b is free, but it would cost the whole context
        held.Place.Dispose();
        Assert.Equal(("a", "owner"), (await room.PlacedAsync(patient)) is var there ? (there.Destination.Name, there.Affinity) : default);
        room.Time.Advance(OwnerWaitMax);
        Assert.Equal(("b", "owner:in_flight_limit"),
            (await room.PlacedAsync(other)) is var away ? (away.Destination.Name, away.Affinity) : default);
    }

    [Fact]
    public async Task StrangerIsNotHeldUp_ByTurnsThatWaitForTheirOwner()
    {
        using var room = new WaitingRoom(1, 1);
        await room.PlacedAsync(room.EnterAsync(owner: "a"));
        var patient = room.EnterAsync(owner: "a");
        Assert.Equal("b", (await room.PlacedAsync(room.EnterAsync("other"))).Destination.Name);
        Assert.False(patient.IsCompleted);
    }

    [Fact]
    public async Task ChangedPools_CountForThoseWhoWait()
    {
        using var room = new WaitingRoom(1);
        await room.PlacedAsync(room.EnterAsync());
        var (first, second) = (room.EnterAsync(), room.EnterAsync());
        room.Options.Pools[0].Destinations[0].InFlightMax = 2;
        room.Pools.Apply(room.Options);
        await room.PlacedAsync(first);
        Assert.Equal((1, 2), (room.Queue.Count, room.State("a").InFlight));

        room.Options.Pools.Clear();
        room.Pools.Apply(room.Options);
        Assert.IsType<DestinationRoute.Nowhere>(await second);
    }

    [Fact]
    public async Task UnfitDestination_IsNotWaitedFor_AndAFailedOneIsNoChoice()
    {
        using var room = new WaitingRoom(1, 1);
        room.State("a").SetHealth(false);
        var held = await room.PlacedAsync(room.EnterAsync());
        Assert.IsType<DestinationRoute.Nowhere>(await room.EnterAsync(excluded: "b"));
        var waiting = room.EnterAsync(excluded: "a");
        Assert.False(waiting.IsCompleted);
        held.Place.Dispose();
        Assert.Equal("b", (await room.PlacedAsync(waiting)).Destination.Name);
    }

    [Fact]
    public async Task LongTurnsOfOneTenant_KeepANewcomerWaiting_ForTheNextEndOnly()
    {
        using var room = new WaitingRoom(3);
        var held = new List<DestinationRoute.To>();
        for (var turn = 0; turn < 3; turn++) held.Add(await room.PlacedAsync(room.EnterAsync("flood")));
        var more = Enumerable.Range(0, 20).Select(_ => room.EnterAsync("flood")).ToList();
        var quiet = Enumerable.Range(0, 2).Select(_ => room.EnterAsync("quiet")).ToList();
        held[0].Place.Dispose();
        await room.PlacedAsync(quiet[0]);
        Assert.All(more, each => Assert.False(each.IsCompleted));
        held[1].Place.Dispose(); // each holds one: whoever got fewer turns since both are here
        await room.PlacedAsync(more[0]);
        held[2].Place.Dispose();
        await room.PlacedAsync(quiet[1]);
    }

    [Fact]
    public async Task FullQueue_GivesWayAtItsLongestLine_HoweverOftenATenantTriesAgain()
    {
        using var room = new WaitingRoom(1);
        var held = await room.PlacedAsync(room.EnterAsync("flood"));
        var waiting = Enumerable.Range(0, room.Pool.QueueMax).Select(_ => room.EnterAsync("flood")).ToList();
        var quiet = room.EnterAsync("quiet");
        Assert.IsType<DestinationRoute.Nowhere>(await waiting[^1].WaitAsync(Soon.Patience));
        for (var retry = 0; retry < 50; retry++) Assert.IsType<DestinationRoute.Nowhere>(await room.EnterAsync("flood"));
        Assert.Equal((room.Pool.QueueMax, false), (room.Queue.Count, quiet.IsCompleted));
        held.Place.Dispose();
        await room.PlacedAsync(quiet);
    }

    [Fact]
    public async Task ConnectionsWithoutKeys_AreToldApart()
    {
        using var room = new WaitingRoom(1);
        var held = await room.PlacedAsync(room.EnterAsync(flow: "t/1"));
        var flood = Enumerable.Range(0, 5).Select(_ => room.EnterAsync(flow: "t/1")).ToList();
        var other = room.EnterAsync(flow: "t/2");
        held.Place.Dispose();
        await room.PlacedAsync(other);
        Assert.All(flood, each => Assert.False(each.IsCompleted));
    }

    [Fact]
    public async Task ChoiceThatBreaks_FailsItsTurnAlone_AndTheNextOneIsPlaced()
    {
        using var room = new WaitingRoom(1);
        var held = await room.PlacedAsync(room.EnterAsync());
        var (first, second) = (room.EnterAsync(), room.EnterAsync());
        room.Fault.Arm("choice");
        held.Place.Dispose();
        await Assert.ThrowsAsync<StepBrokeException>(() => first.WaitAsync(Soon.Patience));
        (await room.PlacedAsync(second)).Place.Dispose();
        room.Fault.Arm("choice");
        await Assert.ThrowsAsync<StepBrokeException>(() => room.EnterAsync().WaitAsync(Soon.Patience));
        Assert.Equal((0, 0), (room.Queue.Count, room.State("a").InFlight));
        (await room.PlacedAsync(room.EnterAsync())).Place.Dispose();
    }
}
