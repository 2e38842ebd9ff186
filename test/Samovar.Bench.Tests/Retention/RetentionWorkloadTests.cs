using Samovar.Bench.Commands;
using Samovar.Bench.Workloads.Retention;
using Samovar.Engine.Retention;
using Xunit;

namespace Samovar.Bench.Tests.Retention;

public sealed class RetentionWorkloadTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("samovar-retention-").FullName;

    [Fact]
    public void Workload_ComparesAllPolicies_InEachBudget()
    {
        for (var session = 0; session < 6; session++) Write(session);
        var shapes = RetentionWorkload.Read(_folder);
        var plan = new RetentionPlan(_folder, 0, 4, [TimeSpan.Zero], [25], 1, PrefillCost.Measured) { Crosses = true };
        var replays = new RetentionReplays(plan, shapes, seed: 1);
        Assert.Equal(3, replays.Live.Sessions); // the other three are learned from
        Assert.Equal(["lru", "ttl", "value by tokens", "value by tokens, ends said", "value by tokens, other half learned", "value by time",
            "value by time, ends said", "value by time, other half learned", "optimum by tokens", "foresight by time", "bound by time"],
            replays.Rows(25).Select(row => row.Name));
        Assert.Equal(40, new RetentionReplays(plan with { Crosses = false, Sessions = 40 }, shapes, seed: 1).Live.Sessions);
    }

    [Fact]
    public void FolderWithoutTraces_IsRefused()
    {
        var plan = new RetentionPlan(_folder, 0, 4, [TimeSpan.Zero], [25], 1, PrefillCost.Measured);
        Assert.Throws<InvalidOperationException>(new RetentionWorkload(plan).Run);
        Assert.Throws<InvalidOperationException>(new RetentionWorkload(plan with { Folder = _folder + "-none" }).Run);
    }

    [Theory]
    [InlineData("retention")]
    [InlineData("retention --trace x --sessions 1000001")]
    [InlineData("retention --trace x --at-once 0")]
    [InlineData("retention --trace x --memory -5")]
    [InlineData("retention --trace x --pauses-max NaN")]
    [InlineData("retention --trace x --cost 5")]
    [InlineData("retention --trace x --cost 5=-1")]
    [InlineData("retention --trace x --cross --sessions 5")]
    [InlineData("retention-engine")]
    [InlineData("retention-engine --trace x --smaller 0")]
    [InlineData("retention-engine --trace x --sessions -1")]
    public void Arguments_ThatMeanNothing_AreRefused(string arguments) =>
        Assert.NotEmpty(BenchCommand.Create().Parse(arguments.Split(' ')).Errors);

    [Fact]
    public void Arguments_OfAPlan_AreTaken() => Assert.Empty(BenchCommand.Create().Parse(
        "retention --trace x --sessions 1000000 --memory 10 25.5 --pauses-max 0 10 --cost 4096=7.8 8192=21 --seeds 3".Split(' ')).Errors);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Write(int session)
    {
        var turns = Enumerable.Range(0, 5).Select(turn => $$"""
            {"t":{{turn * 30}},"type":"n","in":{{(turn + 2) * 64}},"out":1,"hash_ids":[{{string.Join(',', Enumerable.Range(1, turn + 2))}}],
            "stop":"{{(turn == 3 ? "end_turn" : "tool_use")}}","api_time":4}
            """);
        File.WriteAllText(Path.Combine(_folder, $"trace_{session}.json"),
            $$"""{"id":"trace_{{session}}","block_size":64,"requests":[{{string.Join(',', turns)}}]}""");
    }
}
