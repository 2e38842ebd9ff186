using System.Diagnostics;
using Samovar.Bench.Reports;
using Samovar.Bench.Servers;

namespace Samovar.Bench.Workloads.Cluster;

/// <summary>Turns a second of one, two and three nodes whose engines take no time, half of the turns at their owners, and who computes
/// for them.</summary>
internal sealed class ScalePart(ClusterLab lab, ClusterPlan plan)
{
    private const int NodesMax = 3, ConversationTurns = 20;
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    public async Task RunAsync(CancellationToken stop)
    {
        var sizes = Enumerable.Range(1, NodesMax).Select(nodes => new Size(nodes)).ToArray();
        for (var round = 0; round < plan.Rounds; round++)
            foreach (var size in sizes)
            {
                var nodes = await ClusterLab.StartAsync(lab.NewAddress(), size.Nodes);
                try
                {
                    await CountAsync(nodes, plan.Window < Least ? plan.Window : 2 * Least, stop); // compiled first
                    await MeasureAsync(nodes, size, stop);
                }
                finally
                {
                    foreach (var node in nodes) await node.DisposeAsync();
                }
            }
        Show(sizes);
    }

    private async Task MeasureAsync(ClusterNode[] nodes, Size size, CancellationToken stop)
    {
        TimeSpan Nodes() => nodes.Aggregate(TimeSpan.Zero, (sum, node) => sum + node.Process.ProcessorTime());
        var (cluster, database, clients) = (Nodes(), lab.Database.ProcessorTime(), Environment.CpuUsage.TotalTime);
        var began = Stopwatch.GetTimestamp();
        var turns = await CountAsync(nodes, plan.Window, stop);
        var took = Stopwatch.GetElapsedTime(began);
        size.Rates.Add(turns / took.TotalSeconds);
        size.Cluster.Add((Nodes() - cluster) / took);
        size.Database.Add((lab.Database.ProcessorTime() - database) / took);
        size.Clients.Add((Environment.CpuUsage.TotalTime - clients) / took);
    }

    private async Task<int> CountAsync(ClusterNode[] nodes, TimeSpan window, CancellationToken stop)
    {
        var began = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, plan.Clients).Select(async client =>
        {
            string? last = null;
            var turn = 0;
            for (; Stopwatch.GetElapsedTime(began) < window; turn++)
            {
                if (turn % ConversationTurns == 0) last = null;
                var owner = client + (turn / ConversationTurns);
                last = (await nodes[(owner + (turn % 2)) % nodes.Length].TurnAsync(last, PacedEngine.AtOnce, stop)).ResponseId;
            }
            return turn;
        }));
        return counts.Sum();
    }

    private void Show(Size[] sizes)
    {
        var table = new Table("nodes", "turns/s", "cores: all nodes", "PostgreSQL", "clients", "of cores",
            "nodes' processor, ms of a turn");
        foreach (var size in sizes)
            table.Row($"{size.Nodes}", Figures.ShowAll(size.Rates), Figures.ShowAll(size.Cluster, 2), Figures.ShowAll(size.Database, 2),
                Figures.ShowAll(size.Clients, 2), $"{Environment.ProcessorCount}",
                Figures.ShowAll(size.Cluster.Zip(size.Rates, (cores, rate) => 1000 * cores / rate), 2));
        Console.WriteLine($"\n{plan.Clients} clients, each with one turn at a time. Where the cores add up to those of the machine, they "
            + "are what bounds it; where they do not, the database's disk does, or who else is at work on the machine.");
    }

    private sealed record Size(int Nodes)
    {
        public List<double> Rates { get; } = [];
        public List<double> Cluster { get; } = [];
        public List<double> Database { get; } = [];
        public List<double> Clients { get; } = [];
    }
}
