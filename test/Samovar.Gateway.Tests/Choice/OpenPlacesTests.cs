using Samovar.Backends;
using Samovar.Gateway.Choice;
using Samovar.Gateway.Destinations;
using Samovar.Testing;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Choice;

/// <summary>A pool with enough places keeps a part of them open for those who hold none.</summary>
public sealed class OpenPlacesTests
{
    private static readonly TimeSpan WaitMax = new PoolOptions().QueueWaitMax;
    private static readonly TimeSpan UnreadPlaceTime = new UpstreamOptions().UnreadPlaceTime;

    [Theory]
    [InlineData(7, 8)]
    [InlineData(7, 4, 4)]
    [InlineData(7, 1, 2, 5)]
    [InlineData(14, 8, 8)]
    [InlineData(28, 32)]
    public async Task Newcomer_IsPlacedAtOnce_WhateverAFloodHolds(int ofFlood, params int[] limits)
    {
        using var room = new WaitingRoom(limits);
        var flood = Enumerable.Range(0, 60).Select(_ => room.EnterAsync("flood")).ToList();
        Assert.Equal(ofFlood, flood.Count(turn => turn.IsCompleted));
        room.Time.Advance(WaitMax); // its turns take longer than anybody waits
        var quiet = await room.PlacedAsync(room.EnterAsync("quiet"));
        quiet.Place.Dispose();
        (await room.PlacedAsync(room.EnterAsync("quiet"))).Place.Dispose();
        (await room.PlacedAsync(room.EnterAsync("other"))).Place.Dispose();
    }

    [Fact]
    public async Task Flood_LosesNoTurn_AndKeepsItsPlacesBusy()
    {
        using var room = new WaitingRoom(8);
        var waiting = Enumerable.Range(0, 60).Select(_ => room.EnterAsync("flood")).ToList();
        while (waiting.Count > 0)
        {
            Assert.Equal(Math.Min(7, waiting.Count), room.State("a").InFlight);
            var turn = await Task.WhenAny(waiting).WaitAsync(Soon.Patience);
            waiting.Remove(turn);
            (await room.PlacedAsync(turn)).Place.Dispose();
        }
    }

    [Fact]
    public async Task FlowThatHoldsAPlace_GetsTheNextOne_BeforeAFloodThatHoldsMore()
    {
        using var room = new WaitingRoom(8);
        var flood = Enumerable.Range(0, 20).Select(_ => room.EnterAsync("flood")).ToList();
        await room.PlacedAsync(room.EnterAsync("quiet"));
        var second = room.EnterAsync("quiet");
        Assert.False(second.IsCompleted);
        foreach (var turn in flood.Where(turn => turn.IsCompleted).Take(2).ToList()) (await room.PlacedAsync(turn)).Place.Dispose();
        await room.PlacedAsync(second);
        Assert.Equal(7, room.State("a").InFlight);
        await room.PlacedAsync(room.EnterAsync("other"));
    }

    [Fact]
    public async Task ChainOfAQuietFlow_FindsAPlaceAtItsOwner()
    {
        using var room = new WaitingRoom(8, 8);
        for (var turn = 0; turn < 30; turn++) _ = room.EnterAsync("flood", owner: "a");
        var quiet = await room.PlacedAsync(room.EnterAsync("quiet", owner: "a"));
        Assert.Equal(("a", "owner"), (quiet.Destination.Name, quiet.Affinity));
    }

    [Theory]
    [InlineData(0, 8, 8)]
    [InlineData(4, 3, 4)]
    [InlineData(8, 7, 7)]
    public async Task PartIsTheOperators_AndTooFewPlacesKeepNoneOpen(int part, int ofFlood, int places)
    {
        using var room = new WaitingRoom(places);
        room.Options.Pools[0].OpenPart = part;
        room.Pools.Apply(room.Options);
        var flood = Enumerable.Range(0, 20).Select(_ => room.EnterAsync("flood")).ToList();
        Assert.Equal(ofFlood, flood.Count(turn => turn.IsCompleted));
    }

    [Fact]
    public async Task BurstOfAMinute_LeavesAPartOfItToOthers()
    {
        using var room = new WaitingRoom(0, 0);
        foreach (var destination in room.Options.Pools[0].Destinations) destination.RequestsPerMinute = 16;
        room.Pools.Apply(room.Options);
        var flood = Enumerable.Range(0, 60).Select(_ => room.EnterAsync("flood")).ToList();
        var placed = flood.Count(turn => turn.IsCompletedSuccessfully && turn.Result is DestinationRoute.To);
        Assert.Equal(28, placed);
        for (var turn = 0; turn < 3; turn++) await room.PlacedAsync(room.EnterAsync($"quiet{turn}"));
        room.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.IsType<DestinationRoute.To>(await room.EnterAsync("flood"));
    }

    [Fact]
    public async Task TokensOfAMinute_AreSharedInTheSameWay()
    {
        using var room = new WaitingRoom(0);
        room.Options.Pools[0].Destinations[0].TokensPerMinute = 8000;
        room.Pools.Apply(room.Options);
        foreach (var _ in Enumerable.Range(0, 7))
        {
            var turn = await room.PlacedAsync(room.EnterAsync("flood"));
            room.State("a").Succeeded(1000, turn.Place.Flow);
            turn.Place.Dispose();
        }
        var refused = Assert.IsType<DestinationRoute.Nowhere>(await room.EnterAsync("flood"));
        Assert.Equal((RefusalReason.TokensPerMinute, true), (refused.Soonest.Reason, refused.Soonest.IsOfFlow));
        await room.PlacedAsync(room.EnterAsync("quiet"));
    }

    [Fact]
    public async Task UnfitDestination_CountsForNobodysShare()
    {
        using var room = new WaitingRoom(4, 4, 4);
        room.State("a").SetHealth(false);
        room.State("b").SetHealth(false);
        var flood = Enumerable.Range(0, 20).Select(_ => room.EnterAsync("flood")).ToList();
        Assert.Equal(4, flood.Count(turn => turn.IsCompleted)); // four places are too few to keep one open
    }

    [Fact]
    public async Task AnswersThatNobodyReads_ShutNobodyOut_AndGoOnBesideThoseWhoCame()
    {
        using var room = new WaitingRoom(2);
        var held = new List<DestinationRoute.To>();
        for (var turn = 0; turn < 2; turn++) held.Add(await room.PlacedAsync(room.EnterAsync("flood")));
        foreach (var each in held) each.Place.Pause();
        var quiet = room.EnterAsync("quiet");
        Assert.False(quiet.IsCompleted); // a reader that is behind for a moment
        room.Time.Advance(UnreadPlaceTime);
        await room.PlacedAsync(quiet);
        await room.PlacedAsync(room.EnterAsync("quiet"));
        Assert.False(room.EnterAsync("quiet").IsCompleted); // what is lent is no more than there is
        Assert.Equal(4, room.State("a").InFlight);

        foreach (var each in held) each.Place.GoOn();
        held[0].Place.Dispose();
        Assert.False(room.EnterAsync("other").IsCompleted); // three run where two may
    }

    [Fact]
    public async Task AnswerThatNobodyReads_LetsTheNextTurnIn_AndIsReadToItsEndLater()
    {
        await using var upstream = await FakeUpstream.StartAsync("account");
        var options = TestGateway.Options("chat", upstream);
        options.Pools[0].Destinations[0].InFlightMax = 1;
        var time = new ManualTime();
        using var gateway = new TestGateway(options, time);
        await using var unread = gateway.RunAsync(TestGateway.User("one"), CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await unread.MoveNextAsync());
        var next = gateway.TurnAsync(null, TestGateway.User("two"));
        while (gateway.Waiting == 0) await Task.Yield();
        time.Advance(UnreadPlaceTime + TimeSpan.FromSeconds(1));
        Assert.Equal("seen 1", (await Soon.In(next)).Text);
        while (await unread.MoveNextAsync())
            if (unread.Current is BackendEvent.Finished) return;
        Assert.Fail("The answer has no end.");
    }

    [Fact]
    public async Task ReaderThatStopsWhileOthersWait_GivesItsPlaceToThem()
    {
        using var room = new WaitingRoom(1);
        var held = await room.PlacedAsync(room.EnterAsync("flood"));
        var quiet = room.EnterAsync("quiet");
        room.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.False(quiet.IsCompleted);
        held.Place.Pause();
        room.Time.Advance(UnreadPlaceTime + TimeSpan.FromSeconds(1)); // looked at again each second
        await room.PlacedAsync(quiet);
    }
}
