using Samovar.Gateway.Destinations;
using Samovar.Testing;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Attempts;

/// <summary>A destination that cannot be reached is waited for as long as <c>BridgeMax</c> says, whatever else has bounds.</summary>
public sealed class BridgeTests
{
    /// <summary>No part of any other limit: a deadline with so much left would pass for a pause.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(4.7);

    private static readonly TimeSpan Away = TimeSpan.FromMinutes(2);
    private readonly ManualTime _time = new();

    [Theory]
    [InlineData(1, 1, 256)]
    [InlineData(8, 1, 256)]
    [InlineData(8, 1, 0)]
    [InlineData(1, 2, 256)]
    [InlineData(1, 2, 0)]
    public async Task DestinationsThatAreDown_AreWaitedFor_ByEveryTurn(int turns, int destinations, int queueMax)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var network = new CuttingProxy(new Uri(upstream.BaseUrl)) { IsAway = true };
        using var gateway = new TestGateway(Options(network, [.. Enumerable.Repeat(upstream, destinations)], queueMax), _time);
        var all = Enumerable.Range(0, turns).Select(number => gateway.TurnAsync(null, TestGateway.User($"turn {number}"))).ToList();
        await PassAsync(Away, all);
        Assert.DoesNotContain(all, turn => turn.IsCompleted);
        await ComeBackAsync(network, all);
    }

    [Fact]
    public async Task CircuitThatIsOpen_KeepsNobodyFromWaiting_OnceItsTrialFindsNoConnection()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var network = new CuttingProxy(new Uri(upstream.BaseUrl)) { IsAway = true };
        var options = Options(network, [upstream]);
        using var gateway = new TestGateway(options, _time);
        var state = gateway.Pools.Current[0].Destinations[0].State;
        for (var failure = 0; failure < options.CircuitFailures; failure++) state.Failed(); // its restart cut what ran there
        var all = Enumerable.Range(0, 8).Select(number => gateway.TurnAsync(null, TestGateway.User($"turn {number}"))).ToList();
        await Soon.UntilAsync(() => gateway.Waiting == 8);
        _time.Advance(options.CircuitOpenTime);
        await Soon.UntilAsync(() => state.Refusal is null && gateway.Waiting == 0);
        await PassAsync(Away, all);
        Assert.DoesNotContain(all, turn => turn.IsCompleted);
        await ComeBackAsync(network, all);
    }

    [Fact]
    public async Task DestinationThatIsDown_OpensItsCircuit_WhereAnotherTakesItsTurns()
    {
        await using var bad = await FakeUpstream.StartAsync("bad");
        await using var good = await FakeUpstream.StartAsync("good");
        await using var network = new CuttingProxy(new Uri(bad.BaseUrl)) { IsAway = true };
        var options = Options(network, [bad]);
        options.Pools[0].Destinations.Add(TestGateway.Options("responses-ws", good).Pools[0].Destinations[0]);
        using var gateway = new TestGateway(options, _time);
        Assert.IsType<Admission.Granted>(gateway.Pools.Current[0].Find("good")!.State.Admit()); // the bad one is less busy
        for (var turn = 0; turn < options.CircuitFailures; turn++)
            Assert.Equal("good", (await gateway.TurnAsync(null, TestGateway.User($"turn {turn}"))).Report.Destination);
        Assert.Equal(RefusalReason.CircuitOpen, gateway.Pools.Current[0].Find("bad")!.State.Refusal?.Reason);
    }

    private static UpstreamOptions Options(CuttingProxy network, FakeUpstream[] upstreams, int queueMax = 256)
    {
        var options = TestGateway.Options("responses-ws", upstreams);
        (options.BridgeMax, options.RetryDelay, options.BridgePauseMax) = (TimeSpan.FromMinutes(5), Pause, Pause);
        options.Pools[0].QueueMax = queueMax;
        foreach (var (index, destination) in options.Pools[0].Destinations.Index())
            (destination.Name, destination.BaseUrl) = (upstreams[index].Name + index, new Uri(network.Address, "/v1").ToString());
        if (upstreams.Length == 1) options.Pools[0].Destinations[0].Name = upstreams[0].Name;
        return options;
    }

    /// <summary>All turns wait before time goes on: it does not run ahead of those that are finding the network away.</summary>
    private async Task PassAsync(TimeSpan time, List<Task<TurnResult>> all)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += Pause)
        {
            await Soon.In(Task.WhenAny([_time.WhenArmed(Pause, all.Count), .. all]));
            _time.Advance(Pause);
        }
        await Soon.In(Task.WhenAny([_time.WhenArmed(Pause, all.Count), .. all]));
    }

    private async Task ComeBackAsync(CuttingProxy network, List<Task<TurnResult>> all)
    {
        network.IsAway = false;
        _time.Advance(Pause);
        Assert.All(await Soon.In(Task.WhenAll(all)), turn => Assert.Equal((null, "seen 1"), (turn.Error?.Message, turn.Text)));
    }
}
