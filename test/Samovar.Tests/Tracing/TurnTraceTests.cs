using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Tracing;

namespace Samovar.Tests.Tracing;

public sealed class TurnTraceTests
{
    private const int SpansMax = 32;
    private static readonly TenantId Alice = new("alice"), Bob = new("bob");
    private readonly ManualTime _time = new();

    [Fact]
    public void LongAnswer_KeepsItsBound_AndRoomForWhatComesBehindIt()
    {
        var trace = Trace();
        for (var at = 0; at < 10_000; at++) trace.Write(at * 10, at * 10 + 3, bytes: 5, isLast: false);
        trace.Add(TraceStage.Store, 200_000, 200_010, 7);
        var spans = trace.Spans();
        var writes = spans.Where(span => span.Stage == TraceStage.Write).ToList();
        Assert.InRange(writes.Count, SpansMax / 4, SpansMax / 2);
        Assert.Equal((10_000, 50_000L, 30_000L),
            (writes.Sum(span => span.Count), writes.Sum(span => span.Amount), writes.Sum(span => span.Busy)));
        Assert.Equal(99_993, writes[^1].To);
        Assert.Equal(TraceStage.Store, spans[^1].Stage);
    }

    [Theory]
    [InlineData(201)]
    [InlineData(1_001)]
    [InlineData(7_321)]
    public void LongAnswer_IsShownInRunsOfEqualNumber_ItsFirstWritesAlone_AndItsLongestPauseAsItWas(int longAt)
    {
        const int Writes = 10_000, Long = 4_000, Short = 10;
        var trace = Trace();
        var at = 100L;
        long pausedAt = 0;
        for (var write = 0; write < Writes; write++)
        {
            if (write == longAt) (pausedAt, at) = (at, at + Long);
            trace.Write(at, at + 3, bytes: 5, isLast: write == Writes - 1);
            at += write == longAt - 1 ? 3 : 3 + Short;
        }
        var spans = trace.Spans();
        Assert.All(spans.Take(SpansMax / 8), span => Assert.Equal((1, 3L, 0L), (span.Count, span.Busy, span.Pause)));
        var runs = spans.Skip(SpansMax / 8).ToList();
        Assert.All(runs.SkipLast(1), run => Assert.Equal(runs[0].Count, run.Count)); // none is finer than the others
        Assert.InRange(runs[^1].Count, 1, runs[0].Count);
        foreach (var (before, next) in spans.Zip(spans.Skip(1))) Assert.Equal(Short, next.From - before.To);
        var paused = Assert.Single(runs, run => run.Pause == Long);
        Assert.Equal(pausedAt, paused.PausedAt);
        Assert.InRange(pausedAt, paused.From, paused.To);
        Assert.All(runs.Where(run => run != paused && run.Count > 1), run => Assert.Equal(Short, run.Pause));
        Assert.Equal((100L, at - Short, Writes, 5L * Writes, 3L * Writes), (spans[0].From, spans[^1].To,
            spans.Sum(span => span.Count), spans.Sum(span => span.Amount), spans.Sum(span => span.Busy)));
    }

    [Fact]
    public void WritesThatFindNoRoomLeft_AreInTheSums_AndStayCheap()
    {
        var trace = Trace();
        trace.Write(1, 2, 5, isLast: false);
        for (var at = 0; at < 1000; at++) trace.Add(TraceStage.Prefill, at, at + 1, 1);
        for (var at = 0; at < 100_000; at++) trace.Write(2000 + at * 2, 2001 + at * 2, 5, isLast: false);
        var write = Assert.Single(trace.Spans(), span => span.Stage == TraceStage.Write);
        Assert.Equal((100_001, 500_005L, 1998L, 2L), (write.Count, write.Amount, write.Pause, write.PausedAt));
    }

    [Fact]
    public void TraceThatIsReadMeanwhile_HasEveryWriteSoFar()
    {
        var trace = Trace();
        for (var write = 1; write <= 500; write++)
        {
            trace.Write(write * 10, write * 10 + 1, bytes: 1, isLast: false);
            Assert.Equal(write, trace.Spans().Sum(span => span.Count));
        }
    }

    [Fact]
    public void EveryStage_HasRoom_WhateverFillsIt()
    {
        var trace = Trace();
        for (var at = 0; at < 1000; at++) trace.Add(TraceStage.Prefill, at, at + 1, 1);
        foreach (var stage in Enum.GetValues<TraceStage>()) trace.Add(stage, 2000, 2001, 1, stage.ToString());
        var spans = trace.Spans();
        Assert.InRange(spans.Count, SpansMax - 1, SpansMax);
        Assert.Equal(1001, spans.Where(span => span.Stage == TraceStage.Prefill).Sum(span => span.Amount));
        Assert.Equal(Enum.GetValues<TraceStage>().Length, spans.Select(span => span.Stage).Distinct().Count());
    }

    [Fact]
    public void EventsThatAreReadAgain_AreNotOfTheTurnsLife()
    {
        var trace = Trace();
        trace.Write(0, 1, 10, isLast: true);
        trace.Write(50, 60, 10, isLast: true);
        Assert.Equal(new TraceSpan(TraceStage.Write, 0, 1, 10), Assert.Single(trace.Spans()));
    }

    [Fact]
    public void StageThatNobodyEnds_EndsWithTheNextOne_OrTheTurn()
    {
        var trace = Trace();
        trace.Enter(TraceStage.Queue, 5);
        trace.Enter(TraceStage.Match, 10);
        trace.Leave(TraceStage.Queue, 12); // over already
        trace.Leave(TraceStage.Match, 20, 3, "memory");
        trace.Enter(TraceStage.Store, 30);
        Assert.Equal(TraceStage.Store, trace.Stage);
        trace.End(40);
        Assert.Equal(
            [(TraceStage.Queue, 5L, 10L), (TraceStage.Match, 10L, 20L), (TraceStage.Store, 30L, 40L)],
            trace.Spans().Select(span => (span.Stage, span.From, span.To)));
        Assert.Equal(((TraceStage?)null, 40L), (trace.Stage, trace.EndedAt!.Value));
    }

    [Fact]
    public void Trace_IsFound_ByItsTenantAndByOperators()
    {
        var traces = Traces(keptMax: 10);
        var trace = Run(traces, Alice, "resp_1");
        Assert.Same(trace, traces.Find(Alice, trace.Response));
        Assert.Same(trace, traces.Find(null, trace.Response));
        Assert.Null(traces.Find(Bob, trace.Response));
    }

    [Fact]
    public void TracesThatGoOnFromAResponse_AreItsTenantsAlone()
    {
        var traces = Traces(keptMax: 10);
        foreach (var (tenant, id) in new[] { (Alice, "resp_2"), (Bob, "resp_3"), (Alice, "resp_4") })
            Run(traces, tenant, id, new ResponseId("resp_1"));
        Run(traces, Alice, "resp_5");
        Assert.Equal(["resp_2", "resp_4"], traces.After(Alice, new ResponseId("resp_1")).Select(trace => trace.Response.Value));
        Assert.Empty(traces.After(new TenantId("carol"), new ResponseId("resp_1")));
    }

    [Fact]
    public void TracesThatGoOnFromAResponse_AreThoseThatAreKept_HoweverManyCameAndWent()
    {
        var (traces, random) = (Traces(keptMax: 50), new Random(7));
        var all = new List<TurnTrace>();
        for (var at = 0; at < 2000; at++)
        {
            var tenant = random.Next(3) == 0 ? Bob : Alice;
            all.Add(Run(traces, tenant, $"resp_{at}", random.Next(4) is > 0 and var parent ? new ResponseId($"resp_p{parent}") : null));
        }
        foreach (var tenant in new[] { Alice, Bob })
            for (var parent = 1; parent < 4; parent++)
            {
                var id = new ResponseId($"resp_p{parent}");
                var wanted = all.Where(trace => trace.Tenant == tenant && trace.Parent == id
                    && traces.Find(tenant, trace.Response) is not null);
                Assert.Equal(wanted, traces.After(tenant, id));
                Assert.NotEmpty(traces.After(tenant, id));
            }
    }

    [Fact]
    public void Flood_DrivesOutItsOwnTurns()
    {
        var traces = Traces(keptMax: 10);
        for (var at = 0; at < 3; at++) Run(traces, Bob, $"resp_bob{at}");
        for (var at = 0; at < 100; at++) Run(traces, Alice, $"resp_alice{at}");
        Assert.Equal(10, traces.Count);
        for (var at = 0; at < 3; at++) Assert.NotNull(traces.Find(Bob, new ResponseId($"resp_bob{at}")));
        Assert.Null(traces.Find(Alice, new ResponseId("resp_alice92")));
        for (var at = 93; at < 100; at++) Assert.NotNull(traces.Find(Alice, new ResponseId($"resp_alice{at}")));
        for (var at = 0; at < 20; at++) Run(traces, Bob, $"resp_more{at}");
        Assert.Equal(10, traces.Count);
        Assert.NotNull(traces.Find(Alice, new ResponseId("resp_alice99")));
    }

    [Fact]
    public void TurnThatIsTriedAgainUnderItsName_IsFoundAsItRanLast()
    {
        var traces = Traces(keptMax: 2);
        Run(traces, Alice, "resp_1");
        var again = Run(traces, Alice, "resp_1");
        Run(traces, Alice, "resp_2"); // the first one goes, and its name stays the second one's
        Assert.Same(again, traces.Find(Alice, again.Response));
        Run(traces, Alice, "resp_3");
        Assert.Null(traces.Find(Alice, again.Response));
        Assert.Empty(again.Spans());
    }

    [Fact]
    public void ForgottenTrace_TakesNothingMore_AndItsRoomIsAnothers()
    {
        var traces = Traces(keptMax: 1);
        var old = Run(traces, Alice, "resp_1");
        Run(traces, Alice, "resp_2");
        old.Write(0, 1, 1, isLast: true);
        old.Add(TraceStage.Store, 0, 1);
        old.Forget();
        Assert.Empty(old.Spans());
        var later = traces.Begin(Alice, new ResponseId("resp_3"), LaneId.Default, 0, DateTimeOffset.UnixEpoch);
        for (var at = 0; at < 100; at++) later.Add(TraceStage.Prefill, at, at + 1, at);
        Assert.Equal(Enumerable.Range(0, 100), later.Spans().Select(span => (int)span.Amount));
    }

    private static TurnTrace Trace() => new(Alice, new ResponseId("resp_1"), LaneId.Default, 0, SpansMax);

    private static TurnTrace Run(TurnTraces traces, TenantId tenant, string id, ResponseId? parent = null)
    {
        var trace = traces.Begin(tenant, new ResponseId(id), LaneId.Default, 0, DateTimeOffset.UnixEpoch);
        trace.Parent = parent;
        traces.End(trace);
        return trace;
    }

    private TurnTraces Traces(int keptMax) => new(new TracingOptions { KeptMax = keptMax }, _time);
}
