using Samovar.Bench.Reports;
using Samovar.Bench.Reports.Claims;
using Samovar.Bench.Samples;
using Samovar.Bench.Transport;

namespace Samovar.Bench.Tests.Reports;

public sealed class ClaimJudgeTests
{
    private static ClaimResult Judge(string id, IEnumerable<TurnSample> samples) =>
        Assert.Single(new ClaimJudge([.. samples]).Judge(PublishedClaims.All.Where(claim => claim.Id == id)));

    private static IEnumerable<TurnSample> Loop(string transport, long[] bytes, double totalMs = 1000) =>
        MadeSamples.Rounds(MadeSamples.Cell(transport), 20, bytes, totalMs: totalMs);

    [Theory]
    [InlineData(40, "held")]
    [InlineData(50, "held")] // exactly what was said
    [InlineData(51, "not held")]
    public void Claim_IsHeld_UpToItsBound(long bytes, string verdict)
    {
        var result = Judge("goal-deflate", [.. Loop("ws-deflate", [bytes, bytes, bytes]), .. Loop("http-whole", [1000, 1000, 1000])]);
        Assert.Equal(verdict, result.Verdict);
        Assert.Equal(-100 + bytes / 10.0, result.Measured!.Median, 6);
    }

    [Fact]
    public void Claim_GoesByTheMedian_AndSaysWhereRoundsLieOutside()
    {
        var result = Judge("goal-deflate", [.. Loop("ws-deflate", [40, 45, 80]), .. Loop("http-whole", [1000, 1000, 1000])]);
        Assert.Equal(ClaimState.Held, result.State);
        Assert.Contains("some rounds lie outside", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Claim_ThatIsNotHeld_SaysWhatWasMeasured()
    {
        var result = Judge("time-20-calls", [.. Loop("ws", [1, 1, 1], totalMs: 900), .. Loop("http-whole", [1, 1, 1])]);
        Assert.Equal(("not held", -10.0), (result.Verdict, Math.Round(result.Measured!.Median, 6)));
        Assert.Contains("-10 %", result.Reason, StringComparison.Ordinal);
        Assert.Contains("at most -40 %", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Claim_IsNotMeasured_WithoutEitherSide_OrByOneRound()
    {
        Assert.Equal(ClaimState.NotMeasured, Judge("goal-deflate", Loop("ws-deflate", [40, 40, 40])).State);
        Assert.Equal(ClaimState.NotMeasured, Judge("goal-deflate", [.. Loop("ws-deflate", [40]), .. Loop("http-whole", [1000])]).State);
        var elsewhere = Loop("http-whole", [1000, 1000]).Concat(Loop("ws-deflate", [40, 40]))
            .Select(turn => turn with { Cell = turn.Cell with { Link = "lan" } });
        Assert.Equal(ClaimState.NotMeasured, Judge("goal-deflate", elsewhere).State); // other conditions are another measurement
    }

    [Fact]
    public void Claim_OverSeveralTasks_NamesThoseThatAreMissing()
    {
        var (socket, whole) = (MadeSamples.Cell("ws", "fix-test"), MadeSamples.Cell("http-whole", "fix-test"));
        var result = Judge("bytes-up-gpt-5.4", MadeSamples.Rounds(socket, 12, [10, 10]).Concat(MadeSamples.Rounds(whole, 12, [100, 100])));
        Assert.Equal(ClaimState.Held, result.State);
        Assert.Contains("Not in this run: add-feature, refactor", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void FirstTurn_MayBeSlowerOrFaster_ByTheSaidShare()
    {
        IEnumerable<TurnSample> Run(double socketMs) =>
        [
            .. MadeSamples.Rounds(MadeSamples.Cell("ws", "fix-test"), 12, [1, 1], socketMs),
            .. MadeSamples.Rounds(MadeSamples.Cell("http-whole", "fix-test"), 12, [1, 1], 100),
        ];
        Assert.Equal(ClaimState.Held, Judge("first-turn-gpt-4o-mini", Run(104)).State);
        Assert.Equal(ClaimState.NotHeld, Judge("first-turn-gpt-4o-mini", Run(106)).State);
        Assert.Equal(ClaimState.NotHeld, Judge("first-turn-gpt-4o-mini", Run(90)).State);
        Assert.Equal(ClaimState.Held, Judge("goal-first-turn", Run(90)).State);
        Assert.Equal(ClaimState.NotHeld, Judge("goal-first-turn", Run(104)).State);
    }

    [Fact]
    public void BytesOfATask_AreTheirOwnMeasure()
    {
        var http = MadeSamples.Rounds(MadeSamples.Cell("http-whole", "fix-test"), 10, [17_600, 17_600]);
        Assert.Equal((ClaimState.Held, 176.0), (Judge("task-bytes-http", http).State, Judge("task-bytes-http", http).Measured!.Median));
        var socket = MadeSamples.Rounds(MadeSamples.Cell("ws", "fix-test"), 10, [3_200, 3_200]);
        Assert.Equal(28.8, Judge("ingress", http.Concat(socket)).Measured!.Median, 6);
        Assert.Equal(5.5, Judge("turn-nine", http.Concat(socket)).Measured!.Median, 6);
    }

    [Fact]
    public void EveryClaim_IsMeasured_ByTheDefaultRun()
    {
        var planned = new ReportPlan(1, HasEngine: true).All().Select(round => round.Cell).ToHashSet();
        foreach (var claim in PublishedClaims.All)
            foreach (var transport in new[] { claim.Transport, claim.Against }.OfType<string>())
                foreach (var workload in claim.Workloads)
                    Assert.Contains(new SampleCell(workload, transport, claim.Backend, claim.Link), planned);
    }

    [Fact]
    public void Time_IsHeldUnderOneCondition_AndNotUnderAnother()
    {
        IEnumerable<TurnSample> Turns(string transport, string backend, double totalMs) =>
            MadeSamples.Rounds(MadeSamples.Cell(transport, backend: backend), 20, [1, 1], totalMs: totalMs);
        TurnSample[] samples =
        [
            .. Turns("ws", "provider-65", 980), .. Turns("http-whole", "provider-65", 1000),
            .. Turns("ws", "provider-65-x64", 980), .. Turns("http-direct", "provider-65-x64", 1700),
            .. Turns("http-whole", "provider-65-x64", 1000), // through Samovar: no comparison with a client that goes without
        ];
        var results = new ClaimJudge(samples).Judge(PublishedClaims.All.Where(claim => claim.Of == "goal-time-20-calls"));
        Assert.Equal([("one replica", "not held"), ("4 replicas, by prefix", "not measured"), ("4 replicas, in turn", "not measured"),
            ("64 replicas, in turn", "held")], results.Select(result => (result.Claim.Provider, result.Verdict)));
        var row = ReplicaText.Of(results).Split('\n')[2];
        Assert.Contains("-2.0 %: **not held**", row, StringComparison.Ordinal);
        Assert.Contains("-42.4 %: held", row, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryClaim_IsInTheReport_WhateverWasMeasured()
    {
        var results = new ClaimJudge([]).Judge(PublishedClaims.All);
        Assert.Equal(PublishedClaims.All.Select(claim => claim.Id), results.Select(result => result.Claim.Id));
        Assert.All(results, result => Assert.True(result is { State: ClaimState.NotMeasured, Reason.Length: > 20 }));
        Assert.Equal(results.Count, results.Select(result => result.Claim.Id).Distinct(StringComparer.Ordinal).Count());
    }
}
