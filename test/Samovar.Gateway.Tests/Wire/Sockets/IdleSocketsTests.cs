using Samovar.Protocol.Ids;
using Samovar.Scheduling.Fairness;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Wire.Sockets;

/// <summary>Idle sockets are bounded, and whoever keeps most loses one first.</summary>
public sealed class IdleSocketsTests
{
    [Fact]
    public async Task QuietFlow_KeepsItsSocket_HoweverManyChainsAnotherBegins()
    {
        await using var upstream = await FakeUpstream.StartAsync("account");
        var options = TestGateway.Options("responses-ws", upstream);
        options.IdleSocketsMax = 4;
        using var gateway = new TestGateway(options) { Flow = new FlowId("quiet") };
        var quiet = await gateway.TurnAsync(null, TestGateway.User("one"));
        gateway.Flow = new FlowId("flood");
        var flood = new List<TurnResult>();
        for (var chain = 0; chain < 10; chain++) flood.Add(await gateway.TurnAsync(null, TestGateway.User($"chain {chain}")));
        Assert.Equal(4, gateway.IdleSockets);

        gateway.Flow = new FlowId("quiet");
        var second = await gateway.TurnAsync(quiet.Node, TestGateway.User("two"));
        Assert.Equal(("seen 3", null), (second.Text, second.Report.MissCause)); // as new items only, on its own socket
        Assert.NotNull(upstream.Requests.Last().PreviousResponseId);
        gateway.Flow = new FlowId("flood");
        Assert.Null((await gateway.TurnAsync(flood[^1].Node, TestGateway.User("two"))).Report.MissCause);
        Assert.Equal("socket_gone", (await gateway.TurnAsync(flood[0].Node, TestGateway.User("two"))).Report.MissCause);
    }

    [Fact]
    public async Task SocketWhoseChainIsGone_ServesItsTenantAgain_AndNobodyElse()
    {
        await using var upstream = await FakeUpstream.StartAsync("account");
        using var gateway = new TestGateway("responses-ws", upstream) { Tenant = new TenantId("one") };
        (await gateway.TurnAsync(null, TestGateway.User("one"))).Node.State!.Release();

        gateway.Tenant = new TenantId("other");
        Assert.Null((await gateway.TurnAsync(null, TestGateway.User("two"))).Error);
        Assert.Equal(2, upstream.Responses.Connections);
        gateway.Tenant = new TenantId("one");
        Assert.Null((await gateway.TurnAsync(null, TestGateway.User("three"))).Error);
        Assert.Equal(2, upstream.Responses.Connections);
    }
}
