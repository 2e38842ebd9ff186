using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Bench.Reports;
using Samovar.Chains;
using Samovar.Chains.Durable;

namespace Samovar.Bench.Workloads.Stores;

/// <summary>What the server holds in memory while its store grows: the cache's budget, whatever the store has.</summary>
/// <param name="Steps">Stored responses at which is looked.</param>
/// <param name="CacheBytes">The cache's budget.</param>
internal sealed record KeptWorkload(int[] Steps, long CacheBytes)
{
    private const int Clients = 16, ChainTurns = 20;

    public async Task RunAsync()
    {
        using var folder = new ScratchFolder(null);
        var settings = StoreHost.Sqlite(folder.Path);
        settings["Chains:BytesMax"] = $"{CacheBytes}";
        settings["ContentIndex:EntriesMax"] = "0"; // its own budget is not the matter here
        await using var host = await StoreHost.StartAsync(settings);
        var store = (DurableChainStore)host.Server.Services.GetRequiredService<IChainStore>();
        var table = new Table("stored responses", "turns/s", "live MB", "resident MB", "the cache counts MB", "data folder MB");
        var stored = 0;
        foreach (var step in Steps)
        {
            var began = Stopwatch.GetTimestamp();
            await FillAsync(host, step - stored, seed: stored);
            var rate = (step - stored) / Stopwatch.GetElapsedTime(began).TotalSeconds;
            stored = step;
            table.Row(Figures.Show(stored), Figures.Show(rate), Megabytes(GC.GetTotalMemory(forceFullCollection: true)),
                Megabytes(Environment.WorkingSet), Megabytes(store.Bytes), Megabytes(folder.Bytes));
        }
    }

    private static Task FillAsync(StoreHost host, int count, int seed) => Task.WhenAll(Enumerable.Range(0, Clients).Select(async at =>
    {
        await using var talk = await StoredTalk.OpenAsync(host.Server.Address);
        for (var turn = 0; turn < count / Clients; turn++)
        {
            if (turn % ChainTurns == 0) talk.Last = null;
            await talk.TurnAsync(Speech.OfLength(400, seed + (at * count) + turn));
        }
    }));

    private static string Megabytes(long bytes) => Figures.Show(bytes / 1e6, 1);
}
