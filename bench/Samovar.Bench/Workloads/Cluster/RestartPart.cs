using System.Diagnostics;
using Samovar.Bench.Reports;
using Samovar.Bench.Servers;

namespace Samovar.Bench.Workloads.Cluster;

/// <summary>All nodes of a cluster are killed and one is started again: how soon it begins a turn of a chain that was another's.</summary>
internal sealed class RestartPart(ClusterLab lab, ClusterPlan plan)
{
    private const int ChainTurns = 10;

    public async Task RunAsync(CancellationToken stop)
    {
        List<double> ready = [], first = [], fresh = [], freshReady = [];
        for (var round = 0; round < plan.Rounds; round++)
        {
            var address = lab.NewAddress();
            var last = await FillAndKillAsync(address, stop);
            await FirstTurnAsync(address, last, ready, first, stop);
            await FirstTurnAsync(lab.NewAddress(), null, freshReady, fresh, stop);
        }
        var table = new Table("one node is started", "ready after ms", "`response.created` of its first turn, ms");
        table.Row("all were killed; a chain of one that stays away", Figures.ShowAll(ready), Figures.ShowAll(first));
        table.Row("a new cluster; a new chain", Figures.ShowAll(freshReady), Figures.ShowAll(fresh));
    }

    /// <returns>The newest response of a chain of the second node.</returns>
    private static async Task<string?> FillAndKillAsync(string address, CancellationToken stop)
    {
        var nodes = await ClusterLab.StartAsync(address, 2);
        string? last = null;
        for (var turn = 0; turn < ChainTurns; turn++) last = (await nodes[1].TurnAsync(last, PacedEngine.AtOnce, stop)).ResponseId;
        foreach (var node in nodes) node.Process.Kill();
        foreach (var node in nodes) await node.DisposeAsync();
        return last;
    }

    private static async Task FirstTurnAsync(string address, string? last, List<double> ready, List<double> first, CancellationToken stop)
    {
        var began = Stopwatch.GetTimestamp();
        await using var node = await ClusterLab.StartAsync(address, "node-a");
        ready.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        first.Add((await node.TurnAsync(last, PacedEngine.AtOnce, stop)).FirstEvent.TotalMilliseconds);
    }
}
