using Samovar.Gateway.Choice;
using Samovar.Gateway.Destinations;
using Samovar.Testing;
using Samovar.Testing.Quotas;

namespace Samovar.Gateway.Tests.Choice;

/// <summary>Limits of destinations that two nodes send to.</summary>
public sealed class SharedLimitsTests : IAsyncDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly ManualTime _time = new();
    private readonly MemoryQuotaRows _rows;
    private readonly QuotaNode _one, _other;
    private readonly List<WaitingRoom> _rooms = [];
    private readonly DestinationShares _ones, _others;

    public SharedLimitsTests()
    {
        _rows = new MemoryQuotaRows(_time);
        (_one, _other) = (new QuotaNode(_time, "one", _rows), new QuotaNode(_time, "other", _rows));
        _one.See(_other);
        _other.See(_one);
        foreach (var node in new[] { _one, _other })
            node.Options.AnswerMax = TimeSpan.FromSeconds(5); // time moves in steps while threads answer: that is not late
        (_ones, _others) = (new(_one.Uses, areOnOneMachine: true), new(_other.Uses, areOnOneMachine: true));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var room in _rooms) room.Dispose();
        await _one.DisposeAsync();
        await _other.DisposeAsync();
    }

    [Fact]
    public async Task Places_AreOneLimit_WhereverTheyAreTaken()
    {
        var (here, there) = Rooms(() => new DestinationOptions { InFlightMax = 4 });
        foreach (var room in new[] { here, here, there, there }) await room.PlacedAsync(room.EnterAsync());
        var (one, other) = (here.EnterAsync(), there.EnterAsync());
        await Soon.UntilAsync(() => here.Queue.Count + there.Queue.Count == 2);
        await SettledAsync();
        Assert.False(one.IsCompleted || other.IsCompleted);
        Assert.Equal(4, here.State("a").InFlight + there.State("a").InFlight);
        Assert.Equal(RefusalReason.InFlight, there.State("a").Refusal?.Reason); // as those who watch it see it
    }

    [Fact]
    public async Task Place_ThatAnotherNodeNeedsNoMore_GoesToWhoeverWaits()
    {
        var (here, there) = Rooms(() => new DestinationOptions { InFlightMax = 4 });
        var taken = new List<DestinationRoute.To>();
        for (var i = 0; i < 4; i++) taken.Add(await here.PlacedAsync(here.EnterAsync()));
        var waits = there.EnterAsync();
        await Soon.UntilAsync(() => there.Queue.Count == 1);
        taken[0].Place.Dispose();
        await UntilAsync(() => waits.IsCompleted, most: 5);
        await there.PlacedAsync(waits);
    }

    /// <summary>A part of all places is kept open for newcomers, not a part of the few that one node happens to have.</summary>
    [Fact]
    public async Task NodeThatHasFewPlacesOfMany_GivesThemToItsNewcomers()
    {
        var (here, there) = Rooms(() => new DestinationOptions { InFlightMax = 20 });
        for (var i = 0; i < 18; i++) await there.PlacedAsync(there.EnterAsync($"flow {i}"));
        var taken = new[] { await here.PlacedAsync(here.EnterAsync("one")), await here.PlacedAsync(here.EnterAsync("two")) };
        var waits = new[] { here.EnterAsync("three"), here.EnterAsync("four") };
        await SettledAsync();
        Assert.DoesNotContain(waits, static turn => turn.IsCompleted);
        foreach (var one in taken) one.Place.Dispose();
        await SettledAsync();
        Assert.All(waits, static turn => Assert.True(turn.IsCompleted));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(32)]
    public async Task FloodAtOneNode_LeavesTheOtherItsEvenShare(int limit)
    {
        var (here, there) = Rooms(() => new DestinationOptions { InFlightMax = limit });
        var flood = Enumerable.Range(0, 90).Select(_ => here.EnterAsync("flood")).ToList();
        await Soon.UntilAsync(() => here.State("a").InFlight + here.Queue.Count == 90);
        await SettledAsync();
        var quiet = Enumerable.Range(0, 2).Select(_ => there.EnterAsync("quiet")).ToList();
        for (var second = 0; second < 12 && !quiet.TrueForAll(static turn => turn.IsCompleted); second++)
        {
            foreach (var turn in flood.Concat(quiet).Where(static turn => turn.IsCompletedSuccessfully)) // each takes a second
                (await turn as DestinationRoute.To)?.Place.Dispose();
            await StepAsync();
            Assert.InRange(here.State("a").InFlight + there.State("a").InFlight, 0, limit);
        }
        foreach (var turn in quiet) await there.PlacedAsync(turn);
    }

    [Fact]
    public async Task Requests_AreOneLimit_AndComeBackEvenly()
    {
        var (here, there) = Rooms(() => new DestinationOptions { RequestsPerMinute = 60 });
        Assert.Equal(60, await CountAsync(here, 30) + await CountAsync(there, 40) + await CountAsync(here, 40));
        Assert.Equal(RefusalReason.RequestsPerMinute, here.State("a").Refusal?.Reason);
        _time.Advance(Second / 2);
        await StepAsync();
        Assert.Equal(1, await CountAsync(here, 4) + await CountAsync(there, 4));
    }

    [Fact]
    public async Task Tokens_CountAtAllNodes()
    {
        var (here, there) = Rooms(() => new DestinationOptions { TokensPerMinute = 1000 });
        (await here.PlacedAsync(here.EnterAsync())).Place.Dispose();
        here.State("a").Succeeded(5000);
        await SettledAsync();
        Assert.Equal(0, await CountAsync(there, 3));
        Assert.Equal(RefusalReason.TokensPerMinute, there.State("a").Refusal?.Reason);
    }

    [Fact]
    public async Task NoNodeAlone_PassesTheLimitInAnyMinute()
    {
        var (here, _) = Rooms(() => new DestinationOptions { RequestsPerMinute = 60 });
        Assert.Equal(60, await CountAsync(here, 90));
        for (var second = 0; second < 50; second++) await StepAsync();
        Assert.Equal(0, await CountAsync(here, 90)); // its window has them, though the bucket has room
    }

    /// <summary>A question takes a moment; a cache that is cold takes more.</summary>
    [Fact]
    public async Task Chain_StaysWhereItIs_ThoughTheOthersHaveToBeAsked()
    {
        var (here, _) = Rooms(() => new DestinationOptions { InFlightMax = 20 }, () => new DestinationOptions { InFlightMax = 20 });
        var answers = new TaskCompletionSource();
        _rows.Answers = answers.Task;
        var turn = here.EnterAsync(owner: "b");
        Assert.False(turn.IsCompleted);
        answers.SetResult();
        Assert.Equal("b", (await here.PlacedAsync(turn)).Destination.Name);
        Assert.All(_rows.Asked, static ask => Assert.Contains("destination:b ", ask.Owner.Value, StringComparison.Ordinal));
    }

    [Fact]
    public async Task DatabaseThatIsAway_LeavesEachNodeItsEvenShare()
    {
        var (here, there) = Rooms(() => new DestinationOptions { InFlightMax = 6, RequestsPerMinute = 60 });
        await here.PlacedAsync(here.EnterAsync());
        await SettledAsync();
        _rows.IsAway = true;
        _ = Enumerable.Range(0, 9).Select(_ => (here.EnterAsync(), there.EnterAsync())).ToList();
        await Soon.UntilAsync(() => here.State("a").InFlight + there.State("a").InFlight == 6);
        await StepAsync();
        Assert.Equal((3, 3), (here.State("a").InFlight, there.State("a").InFlight));
        _rows.IsAway = false;
        await StepAsync();
        await StepAsync();
        Assert.InRange(here.State("a").InFlight + there.State("a").InFlight, 6, 7); // who tells first does not know of the other's
    }

    [Fact]
    public async Task DatabaseThatDoesNotAnswer_IsWaitedForOnce()
    {
        var (here, _) = Rooms(() => new DestinationOptions { InFlightMax = 6 });
        _rows.Answers = new TaskCompletionSource().Task;
        var armed = _time.WhenArmed(_one.Options.AnswerMax);
        var turns = Enumerable.Range(0, 5).Select(_ => here.EnterAsync()).ToList();
        await Soon.In(armed);
        _time.Advance(_one.Options.AnswerMax);
        await Soon.UntilAsync(() => here.State("a").InFlight == 3);
        Assert.Equal(2, turns.Count(static turn => !turn.IsCompleted));
        Assert.Single(_rows.Asked);
    }

    [Fact]
    public async Task LimitsThatAreLifted_HoldNobodyBack()
    {
        var (here, _) = Rooms(() => new DestinationOptions { InFlightMax = 1 });
        var first = await here.PlacedAsync(here.EnterAsync());
        var second = here.EnterAsync();
        await Soon.UntilAsync(() => here.Queue.Count == 1);
        here.Options.Pools[0].Destinations[0].InFlightMax = 0;
        here.Pools.Apply(here.Options);
        await here.PlacedAsync(second);
        here.Options.Pools[0].Destinations[0].InFlightMax = 1;
        here.Pools.Apply(here.Options);
        first.Place.Dispose();
        Assert.Equal(RefusalReason.InFlight, here.State("a").Refusal?.Reason);
    }

    [Fact]
    public void LoopbackAddress_IsEachMachinesOwn()
    {
        var (apart, together) = (new DestinationShares(_one.Uses, areOnOneMachine: false), _ones);
        var (local, far) = (new DestinationOptions { Name = "a", BaseUrl = "http://localhost:8000/v1" },
            new DestinationOptions { Name = "a", BaseUrl = "http://gpu:8000/v1" });
        Assert.Null(apart.Of(local, () => { }));
        Assert.NotNull(together.Of(local, () => { }));
        Assert.NotNull(apart.Of(far, () => { }));
    }

    /// <summary>Turns that come and go at both nodes: never more than the limit, and nobody is left out.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    [InlineData(3, 8)]
    [InlineData(4, 40)]
    public async Task NodesTogether_NeverPassTheLimit_AndAllTurnsGetTheirPlace(int seed, int limit)
    {
        var (here, there) = Rooms(() => new DestinationOptions { InFlightMax = limit });
        var (random, running, done) = (new Random(seed), new List<Task<DestinationRoute>>(), 0);
        for (var second = 0; second < 90; second++)
        {
            for (var i = second >= 60 ? 0 : limit == 1 ? random.Next(3) / 2 : random.Next(limit * 2 / 3 + 1); i > 0; i--)
                running.Add((random.Next(3) == 0 ? here : there).EnterAsync(random.Next(2) == 0 ? "tea" : "coffee"));
            await StepAsync();
            Assert.InRange(here.State("a").InFlight + there.State("a").InFlight, 0, limit);
            foreach (var turn in running.Where(static turn => turn.IsCompleted).ToList())
            {
                if (second < 60 && random.Next(3) == 0) continue; // it goes on
                Assert.IsType<DestinationRoute.To>(await turn).Place.Dispose();
                running.Remove(turn);
                done++;
            }
        }
        Assert.Empty(running);
        Assert.True(done > 9 * limit, $"{done} turns");
    }

    private (WaitingRoom Here, WaitingRoom There) Rooms(params Func<DestinationOptions>[] limits)
    {
        foreach (var shares in new[] { _ones, _others })
        {
            var room = new WaitingRoom(_time, shares, [.. limits.Select(static one => one())]);
            _rooms.Add(room);
            if (room.Options.Pools[0].Destinations.All(static one => one.InFlightMax > 0)) continue;
            room.Options.Pools[0].OpenPart = 0; // one flow may have all of a minute
            room.Pools.Apply(room.Options);
        }
        return (_rooms[0], _rooms[1]);
    }

    /// <summary>How many of so many turns, each over at once, found a place without a wait.</summary>
    private static async Task<int> CountAsync(WaitingRoom room, int turns)
    {
        var count = 0;
        for (var i = 0; i < turns; i++)
        {
            using var left = new CancellationTokenSource();
            var turn = room.EnterAsync(cancelled: left.Token);
            await Soon.UntilAsync(() => turn.IsCompleted || room.Queue.Count > 0);
            await left.CancelAsync();
            try { if (await turn is DestinationRoute.To to) { to.Place.Dispose(); count++; } }
            catch (OperationCanceledException) { } // it waited
        }
        return count;
    }

    /// <summary>A second goes by at both nodes.</summary>
    private async Task StepAsync()
    {
        _time.Advance(Second);
        await SettledAsync();
        foreach (var node in new[] { _one, _other }) node.Uses.Tend();
        await SettledAsync();
    }

    private async Task SettledAsync()
    {
        foreach (var shares in new[] { _ones, _others }) await Soon.In(shares.IdleAsync());
        await _one.SettledAsync();
        await _other.SettledAsync();
        await Soon.UntilAsync(() => _rooms.TrueForAll(static room => room.IsSettled));
    }

    private async Task UntilAsync(Func<bool> isSo, int most)
    {
        for (var second = 0; second < most && !isSo(); second++) await StepAsync();
        await Soon.UntilAsync(isSo); // no second more goes by: who was let in last may still be on its way to say so
    }
}
