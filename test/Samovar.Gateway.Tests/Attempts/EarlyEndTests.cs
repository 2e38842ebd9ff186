using Samovar.Backends;
using Samovar.Gateway.Tests.Drivers;
using Samovar.Protocol.Items;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Attempts;

/// <summary>A turn that ends early, because its user has said something: the upstream is left, and what it said is kept.</summary>
public sealed class EarlyEndTests
{
    public static TheoryData<string> Kinds => DriverTests.Kinds;

    [Theory, MemberData(nameof(Kinds))]
    public async Task SteeredTurn_KeepsWhatWasSaid_AndTheNextOneSeesIt(string kind)
    {
        await using var upstream = await FakeUpstream.StartAsync("a", FakeFault.HangAfterDelta);
        using var gateway = new TestGateway(kind, upstream);
        using var ends = new CancellationTokenSource();
        gateway.EndsEarly = ends.Token;
        var steered = await gateway.TurnAsync(
            null, TestGateway.User("one"), onEvent: seen => { if (seen is BackendEvent.Delta) ends.Cancel(); });
        var last = Assert.IsType<BackendEvent.Finished>(steered.Events[^1]);
        Assert.Equal("steered", last.IncompleteReason);
        Assert.NotEqual("", steered.Text);
        Assert.IsType<MessageItem>(Assert.Single(steered.Node.Output));
        gateway.EndsEarly = default;
        var next = await gateway.TurnAsync(steered.Node, TestGateway.User("two"));
        Assert.Equal("seen 3", next.Text);
        Assert.Equal(0, gateway.Pools.Current[0].Destinations[0].State.InFlight);
        Assert.Equal(0, next.Report.Retries);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task SteeredTurn_BeforeItsFirstWord_IsEmpty(string kind)
    {
        await using var upstream = await FakeUpstream.StartAsync("a", FakeFault.HangAfterCreated);
        using var gateway = new TestGateway(kind, upstream);
        using var ends = new CancellationTokenSource();
        gateway.EndsEarly = ends.Token;
        var steered = await gateway.TurnAsync(null, TestGateway.User("one"), onEvent: _ => ends.Cancel());
        Assert.Equal(2, steered.Events.Count);
        Assert.Equal("steered", Assert.IsType<BackendEvent.Finished>(steered.Events[^1]).IncompleteReason);
        gateway.EndsEarly = default;
        Assert.Equal("seen 2", (await gateway.TurnAsync(steered.Node, TestGateway.User("two"))).Text);
    }
}
