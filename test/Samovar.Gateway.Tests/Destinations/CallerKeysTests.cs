using Samovar.Gateway.Destinations;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Destinations;

public sealed class CallerKeysTests
{
    private static readonly TenantId One = new("one"), Two = new("two"), Three = new("three");

    [Fact]
    public void TheLongestUnused_IsGivenUpFirst()
    {
        var keys = new CallerKeys(countMax: 2);
        keys.Keep(One, "key-1");
        keys.Keep(Two, "key-2");
        keys.Keep(One, "key-1");
        keys.Keep(Three, "key-3");
        Assert.Equal(("key-1", null, "key-3", "key-3"), (keys.Of(One), keys.Of(Two), keys.Of(Three), keys.Newest));
    }

    [Fact]
    public void AskingForAKey_IsUsingIt()
    {
        var keys = new CallerKeys(countMax: 2);
        keys.Keep(One, "key-1");
        keys.Keep(Two, "key-2");
        Assert.Equal("key-1", keys.Of(One));
        keys.Keep(Three, "key-3");
        Assert.Equal(("key-1", null), (keys.Of(One), keys.Of(Two)));
    }

    [Theory]
    [InlineData("chat")]
    [InlineData("responses-ws")]
    [InlineData("responses-link")]
    public async Task TurnWhoseKeyIsForgotten_GoesNowhereWithoutIt(string kind)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        var (options, keys) = (TestGateway.Options(kind, upstream), new CallerKeys(countMax: 1));
        options.Pools[0].Destinations[0].PassesKeys = true;
        using var gateway = new TestGateway(options, callers: keys) { Tenant = CallerKeys.TenantOf("sk-alice") };
        keys.Keep(gateway.Tenant, "sk-alice");
        keys.Keep(CallerKeys.TenantOf("sk-bob"), "sk-bob");
        Assert.Equal(503, (await gateway.TurnAsync(null, TestGateway.User("one"))).Error?.Kind.Status);
        Assert.Equal((0, 0, 0), (upstream.Requests.Count, upstream.Responses.Connections, gateway.Drivers.Links));
        Assert.Equal(0, gateway.Pools.Current[0].Destinations[0].State.InFlight);

        keys.Keep(gateway.Tenant, "sk-alice"); // it has come again
        Assert.Equal("seen 1", (await gateway.TurnAsync(null, TestGateway.User("two"))).Text);
        gateway.Tenant = TenantId.Local; // whoever has sent none has none
        Assert.Equal("seen 1", (await gateway.TurnAsync(null, TestGateway.User("three"))).Text);
        if (kind == "chat")
            Assert.Equal(["Bearer sk-alice", null],
                upstream.Requests.Select(static request => request.Headers.GetValueOrDefault("Authorization")));
    }

    [Fact]
    public async Task KeyOfATurn_IsTheSameForAllItsAttempts()
    {
        await using var upstream = await FakeUpstream.StartAsync("a", FakeFault.Overloaded);
        var (time, options, keys) = (new ManualTime(), TestGateway.Options("chat", upstream), new CallerKeys(countMax: 1));
        options.Pools[0].Destinations[0].PassesKeys = true;
        options.RetryDelay = TimeSpan.FromSeconds(7);
        using var gateway = new TestGateway(options, time, callers: keys) { Tenant = CallerKeys.TenantOf("sk-alice") };
        keys.Keep(gateway.Tenant, "sk-alice");
        var running = gateway.TurnAsync(null, TestGateway.User("one"));
        await Soon.In(time.WhenArmed(options.RetryDelay));
        keys.Keep(CallerKeys.TenantOf("sk-bob"), "sk-bob");
        time.Advance(options.RetryDelay);
        Assert.Equal("seen 1", (await running).Text);
        Assert.Equal(["Bearer sk-alice", "Bearer sk-alice"], upstream.Requests.Select(static request => request.Headers["Authorization"]));
    }

    [Theory]
    [InlineData(true, null, "Bearer caller's")]
    [InlineData(true, "KEY", "Bearer own")]
    [InlineData(false, null, null)]
    public void DestinationGetsThem_WhereItHasNoneOfItsOwn(bool passes, string? variable, string? expected)
    {
        var options = new DestinationOptions
        {
            Name = "a", Kind = "responses-link", BaseUrl = "http://h/v1", Models = { "*" }, PassesKeys = passes, KeyEnvironment = variable,
        };
        var destination = new Destination(
            options, new DestinationState(options, new UpstreamOptions(), TimeProvider.System), _ => "own");
        string? sent = null;
        destination.Authorize((name, value) => sent = name == "Authorization" ? value : null, "caller's");
        Assert.Equal(expected, sent);
    }
}
