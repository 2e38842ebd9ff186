using Samovar.Bench.Links;
using Samovar.Bench.Reports;
using Samovar.Bench.Samples;
using Samovar.Bench.Transport;

namespace Samovar.Bench.Tests.Reports;

public sealed class RunFolderTests : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("samovar-report-").FullName;

    public void Dispose() => Directory.Delete(_path, recursive: true);

    [Fact]
    public void Round_ThatWasCutOff_IsMeasuredAgain_AndCountsForNothing()
    {
        var (cell, folder) = (MadeSamples.Cell("ws"), RunFolder.Open(_path, MadeSamples.Facts));
        folder.Add(cell, 1, MadeSamples.Round(cell, 1, 2, 100));
        File.AppendAllText(Path.Combine(_path, "samples.jsonl"),
            File.ReadLines(Path.Combine(_path, "samples.jsonl")).First().Replace("\"round\":1", "\"round\":2", StringComparison.Ordinal)
                + "\n{\"cell\":{\"work");
        var read = RunFolder.Open(_path, MadeSamples.Facts with { Command = "another" });
        Assert.Equal((true, false), (read.IsFinished(cell, 1), read.IsFinished(cell, 2)));
        Assert.Equal([1, 2], read.Samples().Select(sample => sample.Turn));
        Assert.Equal(MadeSamples.Facts.Command, read.Facts.Command);
        read.Add(cell, 2, MadeSamples.Round(cell, 2, 2, 300));
        var again = RunFolder.Read(_path).Samples();
        Assert.Equal([100L, 100, 300, 300], again.OrderBy(sample => sample.Round).Select(sample => sample.BytesUp));
    }

    [Fact]
    public void Plan_InterleavesItsRounds_AndHasEachOnce()
    {
        var all = new ReportPlan(3, HasEngine: true).All().ToList();
        Assert.Equal(all.Count, all.Select(round => (round.Cell, round.Round)).Distinct().Count());
        Assert.Equal(all.Select(round => round.Round).Order(), all.Select(round => round.Round));
        Assert.Equal(all.Count / 3, all.Count(round => round.Round == 2));
        Assert.DoesNotContain(new ReportPlan(3, HasEngine: false).All(), round => round.Backend.Speed is null);
    }

    /// <summary>Each claim finds its cells in the default run: none is out of reach by a name.</summary>
    [Fact]
    public void Plan_MeasuresEveryClaim()
    {
        var cells = new ReportPlan(3, HasEngine: false).All().Select(round => round.Cell).ToHashSet();
        Assert.All(Bench.Reports.Claims.PublishedClaims.All, claim => Assert.All(claim.Workloads, workload =>
        {
            Assert.Contains(new SampleCell(workload, claim.Transport, claim.Backend, claim.Link), cells);
            if (claim.Against is { } other) Assert.Contains(new SampleCell(workload, other, claim.Backend, claim.Link), cells);
        }));
    }

    [Fact]
    public async Task Run_GoesOn_WithWhatItDoesNotHave()
    {
        var plan = new TwoRounds();
        using var first = new SeenRun(stopsAfter: 1);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(plan, first));
        Assert.InRange(first.Ends.Count, 1, 3);
        using var second = new SeenRun(stopsAfter: int.MaxValue);
        await RunAsync(plan, second);
        Assert.Equal((4, first.Ends.Count), (second.Rounds, second.Finished));
        Assert.Equal(4, first.Ends.Concat(second.Ends).Distinct().Count());
        Assert.Equal(4 - first.Ends.Count, second.Ends.Count);
        Assert.Equal(8, RunFolder.Read(_path).Samples().Count);
    }

    private Task RunAsync(IRunPlan plan, SeenRun seen) => new TransportWorkload(
        plan, RunFolder.Open(_path, MadeSamples.Facts), "", atOnce: 1, hasTls: false, seen).RunAsync(seen.Stop);

    /// <summary>Two turns over two transports, twice.</summary>
    private sealed record TwoRounds : IRunPlan
    {
        public IEnumerable<PlannedRound> All()
        {
            var backend = TransportBackend.All.First(backend => backend.Name == "provider-1000");
            return
                from round in new[] { 1, 2 }
                from kind in new[] { TransportKind.HttpWhole, TransportKind.Socket }
                select new PlannedRound(new SampleCell("two", kind.Name, backend.Name, "lan"), round, AgentTask.Even("two", "", 2, 200, 20),
                    kind, backend, LinkShape.Lan);
        }
    }

    private sealed class SeenRun(int stopsAfter) : IRunProgress, IDisposable
    {
        private readonly CancellationTokenSource _stopping = new();

        public CancellationToken Stop => _stopping.Token;
        public int Rounds { get; private set; }
        public int Finished { get; private set; }
        public List<(SampleCell Cell, int Round)> Ends { get; } = [];

        public void Begin(IReadOnlyCollection<PlannedRound> left, int finished) => (Rounds, Finished) = (left.Count + finished, finished);
        public void Began(PlannedRound round) { }
        public void Turn(PlannedRound round, TurnSample sample) => Assert.Null(sample.Error);
        public void Dispose() => _stopping.Dispose();

        public void Ended(PlannedRound round)
        {
            Ends.Add((round.Cell, round.Round));
            if (Ends.Count >= stopsAfter) _stopping.Cancel();
        }
    }
}
