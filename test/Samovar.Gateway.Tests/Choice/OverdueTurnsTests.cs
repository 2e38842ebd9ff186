using Samovar.Gateway.Choice;
using Samovar.Gateway.Destinations;
using Samovar.Testing;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Choice;

/// <summary>A destination that keeps turns waiting for their first event gets no new ones, and not for ever those that it has.</summary>
public sealed class OverdueTurnsTests
{
    private static readonly TimeSpan Min = new UpstreamOptions().OverdueMin;
    private static readonly TimeSpan Max = new UpstreamOptions().OverdueMax;

    [Fact]
    public async Task NewTurns_GoElsewhere_UntilTheDestinationSaysSomething()
    {
        using var room = new WaitingRoom(0, 0, 0);
        await AnswerAsync(room, TimeSpan.FromMilliseconds(200));
        var hanging = await AskAsync(room, "a");
        room.Time.Advance(Min - TimeSpan.FromTicks(1));
        Assert.Equal("a", await WhereAsync(room));
        room.Time.Advance(TimeSpan.FromTicks(1));
        for (var turn = 0; turn < 20; turn++) Assert.NotEqual("a", await WhereAsync(room));

        var alive = await AskAsync(room, "a"); // its maker: it can go nowhere else
        alive.Place.Heard();
        Assert.Equal("a", await WhereAsync(room));
        room.Time.Advance(Min);
        Assert.NotEqual("a", await WhereAsync(room)); // the first one still waits, and again nothing comes
        alive.Place.Dispose();
        hanging.Place.Heard();
        Assert.Equal("a", await WhereAsync(room));
    }

    [Fact]
    public async Task DestinationThatNeverAnsweredATurn_IsTriedWithOne_NowAndThen()
    {
        using var room = new WaitingRoom(0, 0, 0);
        await AnswerAsync(room, TimeSpan.FromMilliseconds(200));
        var hanging = await AskAsync(room, "a");
        room.Time.Advance(Min);
        Assert.NotEqual("a", await WhereAsync(room));
        hanging.Place.Dispose(); // given up
        for (var turn = 0; turn < 20; turn++) Assert.NotEqual("a", await WhereAsync(room));
        room.Time.Advance(Max);
        Assert.Equal("a", await WhereAsync(room));
        var trial = await AskAsync(room, "a");
        Assert.NotEqual("a", await WhereAsync(room));
        trial.Place.Heard();
        Assert.Equal("a", await WhereAsync(room));
    }

    [Fact]
    public async Task ChainsOfAnOverdueDestination_GoElsewhere_AndTheRecordSaysWhy()
    {
        using var room = new WaitingRoom(0, 0);
        await AnswerAsync(room, TimeSpan.FromMilliseconds(200));
        await AskAsync(room, "a");
        room.Time.Advance(Min);
        var route = await room.PlacedAsync(room.EnterAsync(owner: "a"));
        Assert.Equal(("b", "owner:overdue"), (route.Destination.Name, route.Affinity));
    }

    [Fact]
    public async Task OverdueDestination_IsBetterThanNone()
    {
        using var room = new WaitingRoom(0, 1);
        await AnswerAsync(room, TimeSpan.FromMilliseconds(200));
        await AskAsync(room, "a");
        room.Time.Advance(Min);
        Assert.Equal("b", (await room.PlacedAsync(room.EnterAsync())).Destination.Name);
        Assert.Equal("a", (await room.PlacedAsync(room.EnterAsync())).Destination.Name); // b is full
        room.State("b").SetHealth(false);
        var owned = await room.PlacedAsync(room.EnterAsync(owner: "a"));
        Assert.Equal(("a", "owner"), (owned.Destination.Name, owned.Affinity));
    }

    [Fact]
    public async Task HealthProbe_ShowsThatADestinationIsAlive()
    {
        using var room = new WaitingRoom(0, 0);
        await AnswerAsync(room, TimeSpan.FromMilliseconds(200));
        await AskAsync(room, "a");
        room.Time.Advance(Min);
        room.State("a").SetHealth(true);
        Assert.Equal("a", await WhereAsync(room));
    }

    [Theory]
    [InlineData(0.2, 100, 5)] // never sooner than the floor
    [InlineData(4, 100, 12)] // three times what is usual
    [InlineData(4, 300, 36)] // three times as many bytes as are usual: three times as long
    [InlineData(4, 10_000, 60)] // never later than the ceiling
    [InlineData(40, 100, 60)]
    public async Task Patience_GoesByWhatIsUsualThere_AndByWhatIsSent(double usual, long bytes, double overdueAfter)
    {
        using var room = new WaitingRoom(0, 0);
        await AnswerAsync(room, TimeSpan.FromSeconds(usual));
        await AskAsync(room, "a", bytes);
        room.Time.Advance(TimeSpan.FromSeconds(overdueAfter) - TimeSpan.FromTicks(1));
        Assert.False(OverdueTurns.IsAt(room.Pool.Find("a")!, room.Pool));
        room.Time.Advance(TimeSpan.FromTicks(1));
        Assert.True(OverdueTurns.IsAt(room.Pool.Find("a")!, room.Pool));
    }

    [Fact]
    public async Task OneSlowTurnInTwenty_ChangesNothingOfWhatIsUsual()
    {
        using var room = new WaitingRoom(0);
        for (var turn = 0; turn < 60; turn++) await AnswerAsync(room, TimeSpan.FromSeconds(turn % 20 == 7 ? 300 : 1), "a", turns: 1);
        Assert.Equal(TimeSpan.FromSeconds(1), room.State("a").UsualFirstEvent);
    }

    [Fact]
    public async Task DestinationThatNeverAnswered_IsMeasuredByTheOthers()
    {
        using var room = new WaitingRoom(0, 0);
        await AnswerAsync(room, TimeSpan.FromMilliseconds(200), "b");
        await AskAsync(room, "a");
        room.Time.Advance(Min);
        Assert.Equal("b", await WhereAsync(room));
    }

    [Theory]
    [InlineData("responses-ws")]
    [InlineData("responses-http")]
    [InlineData("chat")]
    [InlineData("messages")]
    public async Task TurnThatWaitsInVain_IsSentElsewhere_OnceAndUnseen(string kind)
    {
        await using var hanging = await FakeUpstream.StartAsync("hanging", FakeFault.HangAfterSend);
        await using var other = await FakeUpstream.StartAsync("other");
        var (time, options) = (new ManualTime(), Patient(kind, hanging, other));
        using var gateway = new TestGateway(options, time);
        Occupy(gateway, other);
        var turn = gateway.TurnAsync(null, TestGateway.User("one"));
        while (hanging.Requests.IsEmpty) await Task.Yield();
        time.Advance(2 * Max + TimeSpan.FromSeconds(1)); // nobody has answered yet: the ceiling holds
        var result = await Soon.In(turn);
        Assert.Equal(("seen 1", 1), (result.Text, result.Report.Retries));
        Assert.Equal(["hanging:silence"], result.Report.Faults);
    }

    [Fact]
    public async Task TurnThatWaitsInVain_WaitsOn_WhereTheOperatorSaysSo()
    {
        await using var hanging = await FakeUpstream.StartAsync("hanging", FakeFault.HangAfterSend);
        await using var other = await FakeUpstream.StartAsync("other");
        var (time, options) = (new ManualTime(), Patient("chat", hanging, other));
        options.OverdueMoves = false;
        using var gateway = new TestGateway(options, time);
        Occupy(gateway, other);
        using var cancelled = new CancellationTokenSource();
        var turn = gateway.TurnAsync(null, TestGateway.User("one"), cancelled: cancelled.Token);
        while (hanging.Requests.IsEmpty) await Task.Yield();
        time.Advance(4 * Max);
        Assert.False(turn.IsCompleted);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon.In(turn));
        Assert.Empty(other.Requests);
    }

    private static UpstreamOptions Patient(string kind, params FakeUpstream[] upstreams)
    {
        var options = TestGateway.Options(kind, upstreams);
        (options.FirstEventTimeout, options.IdleTimeout) = (TimeSpan.FromHours(1), TimeSpan.FromHours(1));
        return options;
    }

    /// <summary>The next turn goes to the other one: this one is busier.</summary>
    private static void Occupy(TestGateway gateway, FakeUpstream busy) =>
        Assert.IsType<Admission.Granted>(gateway.Pools.Current[0].Find(busy.Name)!.State.Admit());

    /// <summary>Where a conversation goes that was at the first destination.</summary>
    private static async Task<string> WhereAsync(WaitingRoom room)
    {
        var route = await room.PlacedAsync(room.EnterAsync(owner: "a"));
        route.Place.Dispose();
        return route.Destination.Name;
    }

    /// <summary>A turn whose request is out.</summary>
    private static Task<DestinationRoute.To> AskAsync(WaitingRoom room, string destination, long bytes = 100)
    {
        var granted = Assert.IsType<Admission.Granted>(room.State(destination).Admit());
        granted.Place.Asked(bytes);
        return Task.FromResult(new DestinationRoute.To(room.Pool.Find(destination)!, WaitingRoom.Model, granted.Place, "test"));
    }

    private static async Task AnswerAsync(WaitingRoom room, TimeSpan after, string destination = "a", int turns = 10)
    {
        for (var turn = 0; turn < turns; turn++)
        {
            var route = await AskAsync(room, destination);
            room.Time.Advance(after);
            route.Place.Heard();
            route.Place.Dispose();
        }
    }
}
