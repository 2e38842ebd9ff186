using System.Diagnostics;
using System.Text.Json;
using Samovar.Bench.Reports;
using Samovar.Bench.Servers;

namespace Samovar.Bench.Workloads.Cluster;

/// <summary>Stored chains that nobody asks for: what they take of each node's memory, and how soon a node says how
/// many there are.</summary>
internal sealed class IdlePart(ClusterLab lab, ClusterPlan plan)
{
    private const int Nodes = 3, Asked = 20;

    public async Task RunAsync(CancellationToken stop)
    {
        var nodes = await ClusterLab.StartAsync(lab.NewAddress(), Nodes);
        try
        {
            foreach (var node in nodes) await node.TurnAsync(null, PacedEngine.AtOnce, stop);
            var before = nodes.Select(node => node.Process.ResidentBytes()).ToArray();
            var rate = await FillAsync(nodes, stop);
            await Task.Delay(plan.Window, stop);
            var table = new Table("node", "chains that it owns", "resident MB before", "after", "its status, p50 ms", "longest");
            for (var at = 0; at < Nodes; at++)
            {
                var (chains, times) = await StatusAsync(nodes[at], stop);
                table.Row($"{(char)('a' + at)}", Figures.Show(chains), Figures.Show(before[at] / 1e6, 1),
                    Figures.Show(nodes[at].Process.ResidentBytes() / 1e6, 1), Figures.Show(Figures.Median(times), 1),
                    Figures.Show(times.Max(), 1));
            }
            Console.WriteLine($"\n{plan.Chains:N0} chains of one turn each, made at {Figures.Show(rate)}/s.");
        }
        finally
        {
            foreach (var node in nodes) await node.DisposeAsync();
        }
    }

    private async Task<double> FillAsync(ClusterNode[] nodes, CancellationToken stop)
    {
        var began = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(Enumerable.Range(0, plan.Chains),
            new ParallelOptions { MaxDegreeOfParallelism = plan.Clients, CancellationToken = stop },
            async (at, token) => await nodes[at % Nodes].TurnAsync(null, PacedEngine.AtOnce, token));
        return plan.Chains / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static async Task<(long Chains, List<double> Times)> StatusAsync(ClusterNode node, CancellationToken stop)
    {
        using var http = new HttpClient();
        var (chains, times) = (0L, new List<double>());
        for (var ask = 0; ask < Asked; ask++)
        {
            var began = Stopwatch.GetTimestamp();
            using var status = JsonDocument.Parse(
                await http.GetStringAsync(new Uri(node.Process.BaseUrl, "/v1/samovar/status"), stop));
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            chains = status.RootElement.GetProperty("cluster").GetProperty("nodes").EnumerateArray()
                .First(one => one.GetProperty("self").GetBoolean()).GetProperty("chains").GetInt64();
        }
        return (chains, times);
    }
}
