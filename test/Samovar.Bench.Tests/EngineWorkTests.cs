using System.IO.Compression;
using System.Text;
using Samovar.Bench.Samples;
using Samovar.Bench.Workloads.Engine;
using Samovar.Testing.Models;

namespace Samovar.Bench.Tests;

/// <summary>The engine's workloads at their smallest: what they count, never how fast.</summary>
public sealed class EngineWorkTests
{
    private static readonly string Model = RandomModel.Ensure(
        Path.Combine(Path.GetTempPath(), "samovar-bench-tests"), RandomModelSize.Tiny);

    [Fact]
    public async Task Samovar_PrefillsEachNewTokenOnce_HoweverConversationsBranch()
    {
        var works = new EngineWork[]
        {
            new TurnsWork(Sessions: 2, Turns: 2, StartTokens: 300, AddedTokens: 40, OutputTokens: 16),
            new BranchWork(BranchKind.Fork, StartTokens: 300, AddedTokens: 40, OutputTokens: 16, Branches: 2, Turns: 2),
            new BranchWork(BranchKind.Regenerate, StartTokens: 300, AddedTokens: 40, OutputTokens: 16, Branches: 2, Turns: 2),
            new BranchWork(BranchKind.Edit, StartTokens: 300, AddedTokens: 40, OutputTokens: 16, Branches: 2, Turns: 2),
            new BranchWork(BranchKind.CancelAndEdit, StartTokens: 300, AddedTokens: 40, OutputTokens: 16, Branches: 2, Turns: 2),
            new ArrivalsWork([600, 300], ShortTokens: 40, OutputTokens: 16),
        };
        var samples = await RunAsync(works, [EngineContender.All(Model, null)[0]]);
        Assert.All(samples, sample => Assert.Null(sample.Error));
        var turns = samples.GroupBy(sample => sample.Cell.Workload).ToDictionary(work => work.Key, work => work.Count());
        Assert.Equal((4, 2 + 4, 2 + 2, 2 + 2, 2 + 2, 4), (turns["kv-turns"], turns["kv-fork"], turns["kv-regenerate"], turns["kv-edit"],
            turns["kv-cancel"], turns["kv-arrivals"]));
        const int Boundary = 48; // marks of the template, and tokens across an edge between texts
        Assert.All(samples, sample => Assert.InRange(sample.PrefilledTokens, 1, sample.NewTokens + Boundary));
        var again = samples.Where(sample => sample is { Session: "again", Cell.Workload: "kv-regenerate" });
        Assert.All(again, sample => Assert.True(sample.NewTokens == 1 && sample.InputTokens > 300, sample.ToString()));
    }

    [Fact]
    public async Task MoreThanFit_StaysWithinItsRoom_AndIsAnswered()
    {
        var steps = ReplaySessions.Generated(sessions: 3, turns: 2);
        var work = new FitWork(steps, TokensScale: 0.01, OutputMax: 16, new EngineMemory(Contexts: 1, HostBytes: 0));
        var samples = await RunAsync([work], EngineContender.All(Model, null));
        Assert.Equal(2 * 3 * 2, samples.Count);
        Assert.All(samples, sample => Assert.Null(sample.Error));
        var prefilled = samples.Sum(sample => sample.PrefilledTokens);
        Assert.True(prefilled > samples.Sum(sample => sample.NewTokens), "Everything fitted: the workload shows nothing.");
    }

    [Fact]
    public async Task FinishedRounds_AreNotMeasuredAgain()
    {
        var folder = Directory.CreateTempSubdirectory("samovar-bench-tests-").FullName;
        try
        {
            var run = RunFolder.Open(folder, RunFacts.Here("test", TimeProvider.System));
            var work = new ArrivalsWork([100], ShortTokens: 20, OutputTokens: 16);
            EngineContender dead = new("dead", "none", _ => throw new InvalidOperationException("nobody should start it"));
            run.Add(new SampleCell(work.Name, "none", "dead", "lan"), 1, []);
            await new EngineWorkload([work], [dead], 1, run, _ => { }).RunAsync(TestContext.Current.CancellationToken);
            Assert.Empty(run.Samples());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Plan_GoesOnFromTheLongestPromptThatIsStillThere()
    {
        ReplayTurn Turn(double at, int input, params int[] blocks) => new("t", "main", at, input, 10, blocks);
        var steps = ReplayPlan.Of(
        [
            Turn(0, 150, 1, 2, 3), Turn(1, 250, 1, 2, 4, 5), Turn(2, 300, 1, 2, 6, 7, 8), Turn(3, 200, 1, 2, 8, 9), Turn(4, 100, 20, 21),
        ], blockTokens: 64);
        Assert.Null(steps[0].After);
        Assert.Same(steps[0], steps[1].After); // its last block was not full: another id, and yet the same conversation
        Assert.Same(steps[0], steps[2].After); // the second turn was taken back: its third block is another
        Assert.Same(steps[0], steps[3].After);
        Assert.Null(steps[4].After); // compacted: nothing is left
        Assert.Equal([4, 5], steps[1].Blocks);
        Assert.Equal([20, 21], steps[4].Blocks);
    }

    [Fact]
    public void Trace_IsRead_WithItsSubAgents()
    {
        const string Json = """
            {"id":"trace_0001","block_size":64,"requests":[{"t":0.0,"type":"n","in":100,"out":5,"hash_ids":[1,2]},
            {"t":5.5,"duration_ms":2000,"type":"subagent","agent_id":"a","requests":[
            {"t":1.0,"type":"s","in":70,"out":0,"hash_ids":[1,9]}]},
            {"t":9.0,"type":"n","in":140,"out":5,"hash_ids":[1,2,3]}]}
            """;
        var path = Path.Combine(Directory.CreateTempSubdirectory("samovar-bench-tests-").FullName, "trace_0001.json.gz");
        using (var file = new GZipStream(File.Create(path), CompressionLevel.Fastest)) file.Write(Encoding.UTF8.GetBytes(Json));
        var turns = ReplaySessions.ReadAll(path);
        Assert.Equal([("main", 0.0, 100), ("main.1", 4.5, 70), ("main", 9.0, 140)],
            turns.Select(turn => (turn.Session, turn.At, turn.InputTokens)));
        Assert.All(turns, turn => Assert.Equal("trace_0001", turn.Scope));
        Assert.Equal(1, turns[1].OutputTokens);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    private static async Task<IReadOnlyList<TurnSample>> RunAsync(
        IReadOnlyList<EngineWork> works, IReadOnlyList<EngineContender> contenders)
    {
        var folder = Directory.CreateTempSubdirectory("samovar-bench-tests-").FullName;
        try
        {
            var run = RunFolder.Open(folder, RunFacts.Here("test", TimeProvider.System));
            await new EngineWorkload(works, contenders, 1, run, _ => { }).RunAsync(TestContext.Current.CancellationToken);
            return run.Samples();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
