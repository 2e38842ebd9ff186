using System.Diagnostics;
using Samovar.Bench.Reports;

namespace Samovar.Bench.Workloads.Stores;

/// <summary>
/// A long chain after a restart: what its first continuation costs beside the next one, and what a turn costs behind it and behind a
/// short one; what both take on the disk.
/// </summary>
/// <param name="Turns">Of the long chain.</param>
/// <param name="TurnBytes">Of each turn's input.</param>
/// <param name="Rounds">Measured turns behind each chain.</param>
internal sealed record HydrateWorkload(int Turns, int TurnBytes, int Rounds)
{
    private const int ShortTurns = 10, Step = 25;

    public async Task RunAsync()
    {
        using var folder = new ScratchFolder(null);
        var (last, itemBytes) = await FillAsync(folder.Path);
        Console.WriteLine($"A chain of {Turns:N0} turns: {itemBytes:N0} bytes of items take {folder.Bytes:N0} bytes of the data folder, "
            + $"{Figures.Show((double)folder.Bytes / itemBytes, 2)} for each.");
        await ToolsAsync();
        await using var host = await StoreHost.StartAsync(StoreHost.Sqlite(folder.Path));
        await using var talk = await StoredTalk.OpenAsync(host.Server.Address);
        await talk.TurnAsync("warm"); // the path of a turn is compiled
        for (var i = 0; i < 200; i++) await talk.TurnAsync("warm");
        talk.Last = last;
        var first = await TurnAsync(talk);
        var next = await TurnAsync(talk);
        var table = new Table("turn behind the chain", "ms", "MB allocated");
        table.Row("the first after the restart", Figures.Show(first.Milliseconds, 1), Figures.Show(first.Bytes / 1e6, 1));
        table.Row("the next", Figures.Show(next.Milliseconds, 1), Figures.Show(next.Bytes / 1e6, 1));
        await CompareAsync(host, talk);
    }

    private async Task<(string Last, long ItemBytes)> FillAsync(string folder)
    {
        await using var host = await StoreHost.StartAsync(StoreHost.Sqlite(folder));
        await using var talk = await StoredTalk.OpenAsync(host.Server.Address);
        for (var turn = 0; turn < Turns; turn++) await talk.TurnAsync(Speech.OfLength(TurnBytes, turn));
        return (talk.Last!, talk.ItemBytes);
    }

    /// <summary>Fifty turns that repeat 20 KB of tools, and fifty conversations that begin with them.</summary>
    private static async Task ToolsAsync()
    {
        var function = new
        {
            type = "function", name = "f", description = Speech.OfLength(20_000, 1), parameters = new { type = "object" },
        };
        var tools = new Dictionary<string, object?> { ["tools"] = new[] { function } };
        var table = new Table("20 KB of tools, 50 times", "bytes of items", "bytes of the data folder");
        foreach (var (what, isOneChain, settings) in new[]
        {
            ("one chain without them", true, null), ("one chain", true, tools), ("fifty conversations without them", false, null),
            ("fifty conversations", false, tools),
        })
        {
            using var folder = new ScratchFolder(null);
            long items;
            await using (var host = await StoreHost.StartAsync(StoreHost.Sqlite(folder.Path)))
            {
                await using var talk = await StoredTalk.OpenAsync(host.Server.Address);
                for (var turn = 0; turn < 50; turn++)
                {
                    if (!isOneChain) talk.Last = null;
                    await talk.TurnAsync(Speech.OfLength(1000, turn), settings);
                }
                items = talk.ItemBytes;
            }
            table.Row(what, Figures.Show(items), Figures.Show(folder.Bytes));
        }
    }

    private async Task CompareAsync(StoreHost host, StoredTalk talk)
    {
        await using var other = await StoredTalk.OpenAsync(host.Server.Address);
        for (var turn = 0; turn < ShortTurns; turn++) await other.TurnAsync(Speech.OfLength(TurnBytes, turn));
        StoredTalk[] both = [other, talk];
        string[] ends = [other.Last!, talk.Last!];
        var (cpu, times) = (new List<double>[] { [], [] }, new List<double>[] { [], [] });
        for (var round = 0; round < Rounds; round += Step)
            for (var at = 0; at < 2; at++)
            {
                both[at].Last = ends[at]; // forks: the chain before them keeps its length
                var began = Environment.CpuUsage.TotalTime;
                for (var turn = 0; turn < Step; turn++)
                {
                    var started = Stopwatch.GetTimestamp();
                    await both[at].TurnAsync(Speech.OfLength(400, round + turn));
                    times[at].Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                }
                cpu[at].Add((Environment.CpuUsage.TotalTime - began).TotalMicroseconds / Step);
            }
        var table = new Table("turns before", "turn p50 ms", "processor µs of a turn, its client's included", "ratio");
        table.Row($"{ShortTurns}", Figures.Show(Figures.Median(times[0]), 2), Figures.Show(Figures.Median(cpu[0])), "1.00");
        table.Row($"{Turns:N0}", Figures.Show(Figures.Median(times[1]), 2), Figures.Show(Figures.Median(cpu[1])),
            Figures.Show(Figures.Median(cpu[1]) / Figures.Median(cpu[0]), 2));
    }

    private static async Task<(double Milliseconds, long Bytes)> TurnAsync(StoredTalk talk)
    {
        var (bytes, began) = (GC.GetTotalAllocatedBytes(), Stopwatch.GetTimestamp());
        await talk.TurnAsync("and now?");
        return (Stopwatch.GetElapsedTime(began).TotalMilliseconds, GC.GetTotalAllocatedBytes() - bytes);
    }
}
