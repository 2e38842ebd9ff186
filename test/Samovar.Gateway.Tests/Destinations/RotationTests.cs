using Samovar.Gateway.Destinations;
using Samovar.Testing;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Destinations;

/// <summary>Sockets that are left between turns, because of their age or a changed configuration: no chain is lost by it.</summary>
public sealed class RotationTests
{
    private readonly ManualTime _time = new();

    [Theory]
    [InlineData(55, "socket_rotated")] // noticed by the sweep or by the next turn, all the same
    [InlineData(54, null)]
    public async Task AgedSocket_IsLeftAtAnIdleMoment_AndTheNextTurnSendsEverythingOnce(int minutes, string? cause)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        var options = TestGateway.Options("responses-ws", upstream);
        options.IdleSocketLifetime = TimeSpan.FromHours(3);
        using var gateway = new TestGateway(options, _time);
        var first = await gateway.TurnAsync(null, TestGateway.User("one"), ""","store":false""");

        _time.Advance(TimeSpan.FromMinutes(minutes));
        var second = await gateway.TurnAsync(first.Node, TestGateway.User("two"), ""","store":false""");
        Assert.Equal(("seen 3", cause, 0), (second.Text, second.Report.MissCause, second.Report.Retries));
        Assert.Equal(cause is null, upstream.Requests.Last().PreviousResponseId is not null);
        Assert.Equal(cause is null ? 1 : 2, upstream.Responses.Connections);

        var third = await gateway.TurnAsync(second.Node, TestGateway.User("three"), ""","store":false""");
        Assert.Equal(("seen 5", null), (third.Text, third.Report.MissCause));
        Assert.NotNull(upstream.Requests.Last().PreviousResponseId);
        Assert.Equal(1, gateway.IdleSockets);
    }

    [Fact]
    public async Task MovedDestination_TakesNoSocketOfItsOldAddress_AndItsChainsGoOn()
    {
        await using var before = await FakeUpstream.StartAsync("a");
        await using var after = await FakeUpstream.StartAsync("a");
        var options = TestGateway.Options("responses-ws", before);
        using var gateway = new TestGateway(options, _time);
        var first = await gateway.TurnAsync(null, TestGateway.User("one"));

        options.Pools[0].Destinations[0].BaseUrl = after.BaseUrl;
        gateway.Pools.Apply(options);
        gateway.Drivers.KeepOnly(gateway.Pools.Current.SelectMany(pool => pool.Destinations));
        Assert.Equal(0, gateway.IdleSockets);

        var second = await gateway.TurnAsync(first.Node, TestGateway.User("two"));
        Assert.Equal(("seen 3", "socket_gone"), (second.Text, second.Report.MissCause));
        Assert.Equal((1, 1), (before.Requests.Count, after.Requests.Count));
    }

    [Fact]
    public async Task TurnThatRunsDuringAReload_EndsAsItBegan_AndStaysCounted()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Gate = new SemaphoreSlim(0);
        var options = TestGateway.Options("responses-ws", upstream);
        options.Pools[0].Destinations[0].InFlightMax = 1;
        using var gateway = new TestGateway(options, _time);
        var running = gateway.TurnAsync(null, TestGateway.User("one"));
        while (upstream.Requests.IsEmpty) await Task.Yield();

        options.Pools[0].Destinations[0].InFlightMax = 2;
        gateway.Pools.Apply(options);
        Assert.Equal(1, gateway.Pools.Current[0].Destinations[0].State.InFlight); // else it would run one too many
        options.Pools[0].Destinations.Clear();
        options.Pools[0].Destinations.Add(new DestinationOptions
        {
            Name = "b", Kind = "responses-ws", BaseUrl = upstream.BaseUrl, Models = { TestGateway.Model + "=fake-model" },
        });
        gateway.Pools.Apply(options);
        gateway.Drivers.KeepOnly(gateway.Pools.Current.SelectMany(pool => pool.Destinations));
        upstream.Gate.Release(10);
        var first = await running;
        Assert.Equal(("seen 1", 0), (first.Text, gateway.IdleSockets)); // its socket has nowhere to return to

        var second = await gateway.TurnAsync(first.Node, TestGateway.User("two"));
        Assert.Equal(("b", "conversation:gone", "seen 3"), (second.Report.Destination, second.Report.Affinity, second.Text));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task LinkOfATurnThatRunsDuringAReload_IsClosedWithIt_WhereNobodyWantsItAnyMore(bool isGone)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Gate = new SemaphoreSlim(0);
        var options = TestGateway.Options("responses-link", upstream);
        using var gateway = new TestGateway(options);
        var running = gateway.TurnAsync(null, TestGateway.User("one"));
        await Soon.UntilAsync(() => !upstream.Requests.IsEmpty);
        if (isGone) options.Pools[0].Destinations[0].Name = "b";
        gateway.Pools.Apply(options);
        gateway.Drivers.KeepOnly(gateway.Pools.Current.SelectMany(pool => pool.Destinations));
        Assert.Equal(1, gateway.Drivers.Links);
        upstream.Gate.Release(10);
        var first = await running;
        Assert.Equal(("seen 1", isGone ? 0 : 1), (first.Text, gateway.Drivers.Links));

        var second = await gateway.TurnAsync(first.Node, TestGateway.User("two"));
        Assert.Equal(("seen 3", 1), (second.Text, gateway.Drivers.Links));
    }
}
