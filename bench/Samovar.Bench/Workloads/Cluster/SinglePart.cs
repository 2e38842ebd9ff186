using System.Diagnostics;
using Samovar.Bench.Reports;
using Samovar.Bench.Servers;

namespace Samovar.Bench.Workloads.Cluster;

/// <summary>What being a node costs a server that has nobody beside it: its start, its memory, its processor while nobody asks.</summary>
internal sealed class SinglePart(ClusterLab lab, ClusterPlan plan)
{
    private static readonly TimeSpan StartMax = TimeSpan.FromMinutes(1);

    public async Task RunAsync(CancellationToken stop)
    {
        await using var upstream = await PlainUpstream.StartAsync(); // so that no model is loaded
        var (alone, node) = (lab.NewAddress(), lab.NewAddress());
        Kind[] kinds =
        [
            new("memory", _ => []), new("PostgreSQL", _ => ClusterLab.StoreSettings(alone)),
            new("PostgreSQL, a node of a cluster", port => ClusterLab.NodeSettings(node, "node-a", port)),
        ];
        for (var round = -1; round < plan.Rounds; round++) // the first makes the tables
            foreach (var kind in kinds) await MeasureAsync(kind, upstream, counts: round >= 0, stop);
        var table = new Table("store", "ready after ms", "resident MB, idle", "processor, idle, % of a core");
        foreach (var kind in kinds)
            table.Row(kind.Name, Figures.ShowAll(kind.Ready), Figures.ShowAll(kind.Megabytes, 1), Figures.ShowAll(kind.Share, 2));
    }

    private async Task MeasureAsync(Kind kind, PlainUpstream upstream, bool counts, CancellationToken stop)
    {
        const string destination = "SAMOVAR_Upstream__Pools__0__Destinations__0__";
        var port = ServerProcess.FreePort();
        var settings = new Dictionary<string, string>(kind.Settings(port), StringComparer.Ordinal)
        {
            ["SAMOVAR_Upstream__Pools__0__Name"] = "bench", [destination + "Name"] = "stub", [destination + "Kind"] = "chat",
            [destination + "BaseUrl"] = upstream.BaseUrl.ToString(), [destination + "Models__0"] = "*",
        };
        var began = Stopwatch.GetTimestamp();
        await using var server = await ServerProcess.StartAsync(["Samovar.Cli.dll"], ["--log-level", "Error"], settings, StartMax, port);
        var ready = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        if (!counts) return;
        await Task.Delay(plan.Window / 2, stop); // what its start leaves to do
        var (used, since) = (server.ProcessorTime(), Stopwatch.GetTimestamp());
        await Task.Delay(plan.Window, stop);
        kind.Ready.Add(ready);
        kind.Megabytes.Add(server.ResidentBytes() / 1e6);
        kind.Share.Add(100 * (server.ProcessorTime() - used) / Stopwatch.GetElapsedTime(since));
    }

    private sealed record Kind(string Name, Func<int, Dictionary<string, string>> Settings)
    {
        public List<double> Ready { get; } = [];
        public List<double> Megabytes { get; } = [];
        public List<double> Share { get; } = [];
    }
}
