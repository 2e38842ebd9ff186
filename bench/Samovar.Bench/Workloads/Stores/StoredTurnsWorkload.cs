using System.Diagnostics;
using Samovar.Bench.Reports;
using Samovar.Testing.Stores;

namespace Samovar.Bench.Workloads.Stores;

/// <summary>
/// What the store adds to a turn: the same stored turns on servers whose engine takes no time, one for each kind of store, in alternation.
/// The floor of what is durable is one fsync, which is measured in the same alternation.
/// </summary>
/// <param name="Rounds">Turns of each store.</param>
/// <param name="Folder">Where the file lies; null: among the temporary files.</param>
internal sealed record StoredTurnsWorkload(int Rounds, string? Folder)
{
    private const int AddedBytes = 1000, WarmUp = 200, FloorBytes = 4096;

    public async Task RunAsync()
    {
        var figures = await MeasureAsync();
        var table = new Table("what", "turns", "p50 ms", "p99 ms", "more than memory p50 ms", "p99 ms");
        foreach (var (name, times) in figures)
            table.Row(name, Figures.Show(times.Count), Show(times, 0.5), Show(times, 0.99), Added(times, 0.5), Added(times, 0.99));

        static string Show(List<double> times, double share) => Figures.Show(Figures.Percentile(times, share), 2);
        string Added(List<double> times, double share) =>
            Figures.Show(Figures.Percentile(times, share) - Figures.Percentile(figures[0].Times, share), 2);
    }

    public async Task<List<(string Name, List<double> Times)>> MeasureAsync()
    {
        using var folder = new ScratchFolder(Folder);
        var (database, reason) = await PostgresServer.TryStartAsync(isDurable: true);
        if (database is null) Console.WriteLine($"Without PostgreSQL: {reason}.");
        await using var ends = database;
        var hosts = new List<(string Name, StoreHost Host)> { ("memory", await StoreHost.StartAsync(StoreHost.Memory())) };
        hosts.Add(("sqlite", await StoreHost.StartAsync(StoreHost.Sqlite(folder.Path))));
        if (database is not null) hosts.Add(("postgres", await StoreHost.StartAsync(StoreHost.Postgres(database))));
        try
        {
            return await MeasureAsync(hosts, Path.Combine(folder.Path, "floor"));
        }
        finally
        {
            foreach (var (_, host) in hosts) await host.DisposeAsync();
        }
    }

    private async Task<List<(string Name, List<double> Times)>> MeasureAsync(List<(string Name, StoreHost Host)> hosts, string floorPath)
    {
        using var floorFile = new FileStream(floorPath, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var (floor, talks) = (new List<double>(), new List<StoredTalk>());
        foreach (var (_, host) in hosts) talks.Add(await StoredTalk.OpenAsync(host.Server.Address));
        var times = hosts.Select(_ => new List<double>()).ToArray();
        for (var round = -WarmUp; round < Rounds; round++) // interleaved, so that the machine's moods fall on all alike
        {
            for (var at = 0; at < talks.Count; at++)
            {
                if (round % 100 == 0) talks[at].Last = null; // chains of a hundred turns
                var began = Stopwatch.GetTimestamp();
                await talks[at].TurnAsync(Speech.OfLength(AddedBytes, round));
                if (round >= 0) times[at].Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
            var synced = Stopwatch.GetTimestamp();
            floorFile.Write(new byte[FloorBytes]);
            floorFile.Flush(flushToDisk: true);
            if (round >= 0) floor.Add(Stopwatch.GetElapsedTime(synced).TotalMilliseconds);
        }
        foreach (var talk in talks) await talk.DisposeAsync();
        return [.. hosts.Select((host, at) => (host.Name, times[at])), ("one fsync of 4 KB", floor)];
    }
}
