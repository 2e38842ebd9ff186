using System.Diagnostics;
using Samovar.Bench.Reports;
using Samovar.Protocol.Ids;
using Samovar.Tracing;

namespace Samovar.Bench.Workloads;

/// <summary>What noting costs by itself: a trace's whole life without its turn, and each further write of it.</summary>
/// <param name="Life">Microseconds of a life without a write.</param>
/// <param name="Write">Microseconds of a write.</param>
internal sealed record TraceCosts(double Life, double Write)
{
    private const int KeptMax = 2000, Traces = 4000, Writes = 100_000;
    private static readonly TraceStage[] Stages =
    [
        TraceStage.Queue, TraceStage.Match, TraceStage.Render, TraceStage.Tokenise, TraceStage.Prefill, TraceStage.Decode, TraceStage.Store,
    ];

    public static TraceCosts Show(int rounds)
    {
        var table = new Table("what", "ns: median (half of all)", "bytes allocated");
        var traces = new TurnTraces(new TracingOptions { KeptMax = KeptMax }, TimeProvider.System);
        var life = Show(table, rounds, "a trace's life, without a write", () => Live(traces, writes: 0), Traces);
        Show(table, rounds, "a trace's life, with 20 writes", () => Live(traces, writes: 20), Traces);
        var write = Show(table, rounds, "each further write, its two looks at the clock included", () => WriteMany(looks: true), Writes);
        Show(table, rounds, "each further write, without them", () => WriteMany(looks: false), Writes);
        return new TraceCosts(life / 1000, write / 1000);
    }

    private static double Show(Table table, int rounds, string name, Action run, int of)
    {
        run();
        var (times, bytes) = (new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            var (allocated, began) = (GC.GetAllocatedBytesForCurrentThread(), ThreadClock.Now);
            run();
            times.Add((ThreadClock.Now - began).TotalNanoseconds / of);
            bytes.Add((double)(GC.GetAllocatedBytesForCurrentThread() - allocated) / of);
        }
        table.Row(name, TracingWorkload.SpreadOf(times, digits: 1), Figures.Show(Figures.Median(bytes)));
        return Figures.Median(times);
    }

    private static void Live(TurnTraces traces, int writes)
    {
        for (var at = 0; at < Traces; at++)
        {
            var trace = traces.Begin(TenantId.Local, Ids[at], LaneId.Default, Now, DateTimeOffset.UnixEpoch);
            foreach (var stage in Stages)
            {
                trace.Enter(stage, Now);
                trace.Leave(stage, Now, 1);
            }
            for (var write = 0; write < writes; write++) trace.Write(Now, Now, 100, isLast: false);
            traces.End(trace);
        }
    }

    private static void WriteMany(bool looks)
    {
        var trace = new TurnTrace(TenantId.Local, new ResponseId("resp_1"), LaneId.Default, 0, new TracingOptions().SpansMax);
        for (var at = 0; at < Writes; at++)
            if (looks) trace.Write(Now, Now, 100, isLast: false);
            else trace.Write(at, at, 100, isLast: false);
        trace.Forget();
    }

    private static readonly ResponseId[] Ids = [.. Enumerable.Range(0, Traces).Select(static at => new ResponseId($"resp_{at:x32}"))];

    private static long Now => Stopwatch.GetTimestamp();
}
