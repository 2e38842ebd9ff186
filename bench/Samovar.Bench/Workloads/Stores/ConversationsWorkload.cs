using System.Diagnostics;
using Samovar.Bench.Reports;
using Samovar.Testing.Stores;

namespace Samovar.Bench.Workloads.Stores;

/// <summary>
/// What a page of a conversation's items costs at its start and at its end, what one item costs, and what a turn costs behind a short and
/// behind a long conversation; what a page of chat completions costs that are found by their metadata. Over HTTP, on each kind of store.
/// A server whose store lasts is started again before it is asked: its lists read rows, not its memory.
/// </summary>
/// <param name="Items">Of the longest conversation; others have a tenth of that, and ten.</param>
/// <param name="Completions">How many are stored; each hundredth is looked for.</param>
/// <param name="Rounds">Requests of each kind.</param>
/// <param name="Folder">Where the file lies; null: among the temporary files.</param>
internal sealed record ConversationsWorkload(int Items, int Completions, int Rounds, string? Folder)
{
    private const int Shortest = 10;
    private int[] Sizes => [Shortest, Math.Max(Shortest, Items / 10), Math.Max(Shortest, Items)];

    public async Task RunAsync()
    {
        using var folder = new ScratchFolder(Folder);
        var (database, reason) = await PostgresServer.TryStartAsync(isDurable: true);
        if (database is null) Console.WriteLine($"Without PostgreSQL: {reason}.");
        await using var ends = database;
        List<(string Name, Dictionary<string, string?> Settings)> stores =
            [("memory", StoreHost.Memory()), ("sqlite", StoreHost.Sqlite(folder.Path))];
        if (database is not null) stores.Add(("postgres", StoreHost.Postgres(database)));
        var hosts = new List<StoreHost>();
        try
        {
            var probes = new List<Probe>();
            foreach (var (name, settings) in stores)
            {
                settings["Chains:CountMax"] = "1000000"; // in memory all of them must have room
                hosts.Add(await FillAsync(name, settings, probes));
            }
            await MeasureAsync(probes);
            Show(probes);
        }
        finally
        {
            foreach (var host in hosts) await host.DisposeAsync();
        }
    }

    private async Task<StoreHost> FillAsync(string store, Dictionary<string, string?> settings, List<Probe> probes)
    {
        var host = await StoreHost.StartAsync(settings);
        var filling = new StoredRequests(host.Server.Http);
        var ids = new List<string>();
        foreach (var size in Sizes) ids.Add(await filling.ConversationAsync(size / 2));
        List<string> turned = [await filling.ConversationAsync(Shortest), await filling.ConversationAsync(Sizes[1])];
        await filling.CompletionsAsync(Completions);
        if (store != "memory")
        {
            await host.DisposeAsync();
            host = await StoreHost.StartAsync(settings);
        }
        var asked = new StoredRequests(host.Server.Http);
        for (var at = 0; at < Sizes.Length; at++)
        {
            var (size, path) = (Sizes[at], $"/v1/conversations/{ids[at]}/items");
            var middle = await asked.MiddleAsync(path, size);
            probes.Add(new(store, "first page of 20 items", size, () => asked.GetAsync(path + "?order=asc&limit=20")));
            probes.Add(new(store, "last page of 20 items", size, () => asked.GetAsync(path + "?limit=20")));
            probes.Add(new(store, "one item", size, () => asked.GetAsync($"{path}/{middle}")));
        }
        for (var at = 0; at < turned.Count; at++)
        {
            var conversation = turned[at];
            probes.Add(new(store, "turn behind so many turns", at == 0 ? Shortest : Sizes[1], () => asked.TurnAsync(conversation)));
        }
        probes.Add(new(store, "20 completions by metadata, of so many", Completions,
            () => asked.GetAsync("/v1/chat/completions?limit=20&metadata[hundredth]=7")));
        return host;
    }

    /// <summary>In alternation, so that the machine's moods fall on all alike.</summary>
    private async Task MeasureAsync(List<Probe> probes)
    {
        for (var round = -Math.Max(1, Rounds / 10); round < Rounds; round++)
            foreach (var probe in probes)
            {
                var began = Stopwatch.GetTimestamp();
                await probe.RunAsync();
                if (round >= 0) probe.Times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
    }

    private static void Show(List<Probe> probes)
    {
        var table = new Table("store", "what", "of", "p50 ms", "p10 to p90", "to the shortest");
        foreach (var alike in probes.GroupBy(probe => (probe.Store, probe.What)))
            foreach (var probe in alike)
                table.Row(probe.Store, probe.What, Figures.Show(probe.Size), Figures.Show(Figures.Median(probe.Times), 2),
                    $"{Figures.Show(Figures.Percentile(probe.Times, 0.1), 2)} to {Figures.Show(Figures.Percentile(probe.Times, 0.9), 2)}",
                    Figures.Show(Figures.Median(probe.Times) / Figures.Median(alike.First().Times), 2));
    }

    private sealed record Probe(string Store, string What, int Size, Func<Task> RunAsync)
    {
        public List<double> Times { get; } = [];
    }
}
