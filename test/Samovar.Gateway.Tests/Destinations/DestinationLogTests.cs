using Samovar.Backends;
using Samovar.Gateway.Choice;
using Samovar.Gateway.Destinations;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Destinations;

/// <summary>An operator hears of each change of a destination once.</summary>
public sealed class DestinationLogTests
{
    private readonly ManualTime _time = new();
    private readonly LineLogger<PoolTable> _logger = new();

    [Fact]
    public void Circuit_IsHeardOf_WhenItOpensAndCloses()
    {
        var options = new UpstreamOptions();
        var state = Pools(options).Current[0].Destinations[0].State;
        for (var failure = 0; failure < 3 * options.CircuitFailures; failure++) state.Failed();
        Assert.Equal(["Destination 'a' failed repeatedly: its circuit is open for 15 s"], _logger.Lines);
        _time.Advance(options.CircuitOpenTime);
        using var trial = Assert.IsType<Admission.Granted>(state.Admit()).Place;
        for (var output = 0; output < 3; output++) trial.Output();
        state.Succeeded(1);
        Assert.Equal("Destination 'a' answers: its circuit is closed", Assert.Single(_logger.Lines.Skip(1)));
    }

    [Fact]
    public void Health_IsHeardOf_WhenItChanges()
    {
        var state = Pools(new UpstreamOptions()).Current[0].Destinations[0].State;
        foreach (var isHealthy in new[] { true, false, false, true, true }) state.SetHealth(isHealthy);
        Assert.Equal(["Destination 'a' failed its health check and gets no turns", "Destination 'a' is fit again"], _logger.Lines);
    }

    [Fact]
    public void Rest_IsHeardOf_WhenItBegins()
    {
        var state = Pools(new UpstreamOptions()).Current[0].Destinations[0].State;
        state.Cool(TimeSpan.FromSeconds(7));
        state.Cool(TimeSpan.FromSeconds(9));
        Assert.Equal(["Destination 'a' takes no more turns for 7 s"], _logger.Lines);
    }

    [Fact]
    public void ChangedKey_IsHeardOf_AndItsTextIsNot()
    {
        var (options, key) = (new UpstreamOptions(), "sk-one");
        var pools = Pools(options, _ => key);
        pools.Apply(options);
        Assert.Empty(_logger.Lines);
        key = "sk-two";
        pools.Apply(options);
        Assert.Equal(["Destination 'a' has a new key now"], _logger.Lines);
    }

    [Fact]
    public void ChangedKey_IsAnotherAccount_OfWhichNothingWasSaid()
    {
        var (options, key) = (new UpstreamOptions(), "sk-one");
        var pools = Pools(options, _ => key);
        var (loosened, before) = (0, pools.Current[0].Destinations[0]);
        pools.OnLoosened(() => loosened++);
        before.Cool(TenantId.Local, TimeSpan.FromMinutes(5));
        before.Stated(TenantId.Local, new RateLimits(null, null));
        for (var failure = 0; failure < options.CircuitFailures; failure++) before.State.Failed();
        pools.Apply(options);
        Assert.Equal(RefusalReason.Cooldown, pools.Current[0].Destinations[0].State.Refusal?.Reason); // the same key
        key = "sk-two";
        pools.Apply(options);
        var after = pools.Current[0].Destinations[0];
        Assert.Same(before.State, after.State);
        Assert.Equal((null, null, 2), (after.State.Refusal, after.State.StatedNow, loosened));

        before.Cool(TenantId.Local, TimeSpan.FromMinutes(5)); // turns that began with the old one
        before.Stated(TenantId.Local, new RateLimits(null, null));
        Assert.Equal((null, null), (after.State.Refusal, after.State.StatedNow));
        after.Cool(TenantId.Local, TimeSpan.FromMinutes(5));
        Assert.Equal(RefusalReason.Cooldown, after.State.Refusal?.Reason);
    }

    [Fact]
    public async Task Failover_IsHeardOf_OnceUntilTheDestinationServesAgain()
    {
        await using var bad = await FakeUpstream.StartAsync("bad", [.. Enumerable.Repeat(FakeFault.Overloaded, 3)]);
        await using var good = await FakeUpstream.StartAsync("good");
        using var gateway = new TestGateway(TestGateway.Options("chat", bad, good), logger: _logger);
        Assert.IsType<Admission.Granted>(gateway.Pools.Current[0].Find("good")!.State.Admit()); // the bad one is less busy
        for (var turn = 0; turn < 3; turn++) Assert.Null((await gateway.TurnAsync(null, TestGateway.User($"turn {turn}"))).Error);
        Assert.Equal(["Turns go from destination 'bad' to 'good': server_error"], _logger.Lines);
        await gateway.TurnAsync(null, TestGateway.User("well"));
        bad.Next(FakeFault.Overloaded);
        await gateway.TurnAsync(null, TestGateway.User("again"));
        Assert.Equal(2, _logger.Lines.Count);
    }

    [Fact]
    public void OverdueTurns_AreHeardOf_WhenTheyBeginAndEnd()
    {
        var options = new UpstreamOptions();
        var state = Pools(options).Current[0].Destinations[0].State;
        foreach (var isOverdue in new[] { false, true, true, false, false }) state.Notices.Overdue(isOverdue, hasOthers: true);
        Assert.Equal(
            [
                "Destination 'a' keeps turns waiting for longer than usual: others get new turns",
                "Destination 'a' answers as fast as usual again",
            ],
            _logger.Lines);
    }

    [Theory]
    [InlineData("m", 1)]
    [InlineData("another", 0)]
    [InlineData(null, 0)]
    public void OverdueTurns_AreHeardOf_WhereOthersCanTakeNewOnes(string? modelOfOther, int lines)
    {
        var options = new UpstreamOptions();
        var pools = Pools(options);
        if (modelOfOther is not null)
            options.Pools[0].Destinations.Add(new DestinationOptions
            {
                Name = "b", Kind = "chat", BaseUrl = "http://127.0.0.1:9/v1", Models = { modelOfOther },
            });
        pools.Apply(options);
        using var overdue = new OverdueTurns(pools, options, _time);
        for (var turn = 0; turn < 3; turn++)
        {
            using var place = Assert.IsType<Admission.Granted>(pools.Current[0].Destinations[0].State.Admit()).Place;
            place.Asked(100);
            _time.Advance(options.OverdueMax + TimeSpan.FromSeconds(1));
            place.Heard();
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Equal(3 * lines, _logger.Lines.Count(static line => line.EndsWith("others get new turns", StringComparison.Ordinal)));
        Assert.Equal(6 * lines, _logger.Lines.Count);
    }

    [Fact]
    public void Names_AreOnOneLine_WhateverStandsInThem()
    {
        var state = Pools(new UpstreamOptions(), name: "a\u001b[31m\nb").Current[0].Destinations[0].State;
        state.SetHealth(false);
        Assert.Equal(["Destination 'a\\u001b[31m\\nb' failed its health check and gets no turns"], _logger.Lines);
    }

    private PoolTable Pools(UpstreamOptions options, Func<string, string?>? environment = null, string name = "a")
    {
        options.Pools.Add(new PoolOptions
        {
            Name = "p",
            Destinations =
            {
                new DestinationOptions
                {
                    Name = name, Kind = "chat", BaseUrl = "http://127.0.0.1:9/v1", Models = { "m" },
                    KeyEnvironment = environment is null ? null : "KEY",
                },
            },
        });
        return new PoolTable(options, _time, environment ?? (_ => null), _logger);
    }
}
