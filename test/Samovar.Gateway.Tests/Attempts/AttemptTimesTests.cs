using Samovar.Protocol.Ids;
using Samovar.Testing.Upstreams;
using Samovar.Tracing;
using static Samovar.Testing.Upstreams.FakeFault;

namespace Samovar.Gateway.Tests.Attempts;

/// <summary>Where a turn's time went at upstreams: each attempt with its destination and how it ended.</summary>
public sealed class AttemptTimesTests
{
    [Theory]
    [InlineData("responses-ws")]
    [InlineData("responses-http")]
    [InlineData("chat")]
    [InlineData("messages")]
    public async Task RetriedTurn_ShowsBothAttempts(string kind)
    {
        await using var bad = await FakeUpstream.StartAsync("bad", Overloaded, Overloaded, Overloaded);
        await using var good = await FakeUpstream.StartAsync("good");
        var options = TestGateway.Options(kind, bad, good);
        options.Pools[0].Destinations[0].Weight = 1000;
        using var gateway = new TestGateway(options) { Times = Trace() };
        var result = await gateway.TurnAsync(null, TestGateway.User("one"));
        Assert.Null(result.Error);
        Assert.Equal(1, result.Report.Retries);

        var spans = gateway.Times!.Spans();
        Assert.Equal(
            [
                (TraceStage.Place, "bad"), (TraceStage.Connect, "bad"), (TraceStage.Send, "bad: server_error"),
                (TraceStage.Place, "good"), (TraceStage.Connect, "good"), (TraceStage.Send, "good"), (TraceStage.Decode, "good"),
            ],
            spans.Select(span => (span.Stage, span.Detail!)));
        Assert.Equal(result.Report.BytesToUpstream, spans.Where(span => span.Stage == TraceStage.Send).Sum(span => span.Amount));
        Assert.True(spans[^1].Amount > 0);
        for (var at = 1; at < spans.Count; at++) Assert.True(spans[at].From >= spans[at - 1].To, $"{spans[at]} begins too early.");
    }

    [Fact]
    public async Task UpstreamThatCannotBeReached_IsAConnectThatFailed()
    {
        var upstream = await FakeUpstream.StartAsync("gone");
        var options = TestGateway.Options("chat", upstream);
        await upstream.DisposeAsync();
        options.RetriesMax = 0;
        using var gateway = new TestGateway(options) { Times = Trace() };
        Assert.NotNull((await gateway.TurnAsync(null, TestGateway.User("one"))).Error);
        Assert.Equal([(TraceStage.Place, "gone"), (TraceStage.Connect, "gone: connect_failed")],
            gateway.Times.Spans().Select(span => (span.Stage, span.Detail!)));
    }

    private static TurnTrace Trace() => new(TenantId.Local, new ResponseId("resp_1"), LaneId.Default, 0, 64);
}
