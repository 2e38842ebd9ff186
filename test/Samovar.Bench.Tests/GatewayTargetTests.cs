using Samovar.Bench.Workloads.Targets;

namespace Samovar.Bench.Tests;

/// <summary>The comparison of gateways at its smallest: what it counts, never how fast.</summary>
public sealed class GatewayTargetTests
{
    private const int Turns = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly GatewayTargetWorkload Small = new([2000], Turns, Rounds: 1, new DeadDestination(Conversations: 4, 1, 2));

    [Fact]
    public async Task Samovar_HasEverything_AndSendsItsUpstreamWhatIsNew()
    {
        var sockets = Small with { Modes = [.. TargetMode.All.Where(mode => mode.IsSocket)] };
        var report = await sockets.MeasureSamovarAsync(null, _ => { }, TestContext.Current.CancellationToken);
        Assert.Equal(["ws", "ws-stored"], report.Probes.Select(probe => probe.Mode.Name));
        Assert.All(report.Probes, probe => Assert.Null(probe.Refusal));
        Assert.Equal(2, report.Histories.Count);
        foreach (var (_, rounds) in report.Histories)
        {
            var round = Assert.Single(rounds);
            Assert.Equal(2 * Turns, round.Samples.Count(sample => sample.Error is null));
            Assert.Equal(Turns, round.Upstream.Requests);
            Assert.Equal((1L, Turns - 1L), (round.Upstream.Wholes, round.Upstream.Deltas));
            Assert.InRange(round.Upstream.BytesIn, 2000, 2000 + Turns * 1500); // never the history again
        }
        var cut = report.Reconnects.ToDictionary(one => one.Mode.Name);
        Assert.Equal((9, 0, 0), (cut["ws-stored"].GoneOn, cut["ws-stored"].Resent, cut["ws-stored"].Lost));
        Assert.Equal((0, 9, 0), (cut["ws"].GoneOn, cut["ws"].Resent, cut["ws"].Lost)); // nothing is stored, and its socket is gone
        Assert.Contains("previous_response_not_found", cut["ws"].Refusal, StringComparison.Ordinal);
        Assert.All(report.Deaths, death =>
        {
            Assert.True(death.HasDied);
            Assert.InRange(death.Failures, 1, 4 * 3);
            Assert.Equal(0, death.Lost);
            Assert.Equal(1 + 1 + 2, death.Shares.Count);
            Assert.InRange(death.Shares[^1], 0.8, 1); // the survivors' and the new accounts' caches are warm again
        });
    }

    [Theory]
    [InlineData(false, "previous_response_id is not supported")]
    [InlineData(true, "it took the second turn and forgot the first")]
    public async Task LimitedGateway_IsMeasuredAsFarAsItGoes_AndSaysWhatItLacks(bool forgets, string refusal)
    {
        await using var gateway = await LimitedGateway.StartAsync(forgets);
        var reports = await Small.MeasureOtherAsync(
            Limited(gateway), isBesideOwn: forgets, 0, Patience, null, gateway.Configure, TestContext.Current.CancellationToken);
        Assert.Equal(forgets ? 2 : 1, reports.Count);
        if (forgets) Assert.All(reports[1].Probes, probe => Assert.Null(probe.Refusal)); // Samovar, in front of the same upstreams
        var report = reports[0];
        var refusals = report.Probes.ToDictionary(probe => probe.Mode.Name, probe => probe.Refusal);
        Assert.Null(refusals["http-whole"]);
        Assert.Contains(refusal, refusals["http-stored"], StringComparison.Ordinal);
        Assert.Contains("405", refusals["ws"], StringComparison.Ordinal);
        Assert.Contains("405", refusals["ws-stored"], StringComparison.Ordinal);
        var round = Assert.Single(Assert.Single(report.Histories).Value);
        Assert.Equal((Turns, 0L), (round.Upstream.Wholes, round.Upstream.Deltas));
        Assert.True(round.Upstream.BytesIn > 2000 * Turns); // the history with each turn
        var death = Assert.Single(report.Deaths);
        Assert.True(death.HasDied);
        Assert.InRange(death.Failures, 1, 4 * 3 * 4);
    }

    private static Target Limited(LimitedGateway gateway) => new("limited", gateway.Address, "its-key", "bench")
    {
        Headers = [("x-config", """{"a":"b:c"}""")],
    };

    [Fact]
    public async Task AbsentTarget_IsReported_WithWhatItSaid()
    {
        var nowhere = new Target("nowhere", new Uri("http://127.0.0.1:9/v1"), null, "bench"); // the port of "discard"
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => Small.MeasureOtherAsync(
            nowhere, 0, TimeSpan.FromSeconds(1), null, _ => { }, TestContext.Current.CancellationToken));
        Assert.Contains("refused", failure.Message, StringComparison.Ordinal);
    }
}
