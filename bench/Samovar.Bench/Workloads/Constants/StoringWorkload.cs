using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Bench.Reports;
using Samovar.Bench.Samples;
using Samovar.Bench.Workloads.Stores;
using Samovar.Chains;
using Samovar.Chains.Durable;

namespace Samovar.Bench.Workloads.Constants;

/// <summary>What a stored turn costs: time, memory of the server, bytes of the disk. The engine takes none.</summary>
internal sealed record StoringWorkload(int Rounds)
{
    private const int Turns = 100, WarmUp = 100, InputBytes = 1430;
    private const string Conditions = "turns of 1.4 KB, chains of 100, an engine that takes no time; stored in a SQLite file";

    public static IReadOnlyList<string> Names { get; } = [ConstantNames.StoringMs, ConstantNames.ChainBytes, ConstantNames.StoredBytes];

    public async Task<IReadOnlyList<MeasuredValue>> MeasureAsync()
    {
        using var folder = new ScratchFolder(null);
        await using var memory = await StoreHost.StartAsync(StoreHost.Memory());
        await using var file = await StoreHost.StartAsync(StoreHost.Sqlite(folder.Path));
        var store = (DurableChainStore)file.Server.Services.GetRequiredService<IChainStore>();
        await using var inMemory = await StoredTalk.OpenAsync(memory.Server.Address);
        await using var inFile = await StoredTalk.OpenAsync(file.Server.Address);
        await RoundAsync(inMemory, inFile, WarmUp, seed: 0);
        var (added, kept, stored) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 1; round <= Rounds; round++)
        {
            var (bytesKept, bytesStored) = (store.Bytes, folder.Bytes);
            added.Add(await RoundAsync(inMemory, inFile, Turns, round * Turns));
            kept.Add((store.Bytes - bytesKept) / (double)Turns);
            stored.Add((folder.Bytes - bytesStored) / (double)Turns);
        }
        return
        [
            new MeasuredValue(ConstantNames.StoringMs, "ms", added, Conditions + "; against a server that stores in memory, in alternation"),
            new MeasuredValue(ConstantNames.ChainBytes, "B", kept, Conditions + "; as the server counts what it keeps in memory"),
            new MeasuredValue(ConstantNames.StoredBytes, "B", stored, Conditions + "; growth of the data folder, its log included"),
        ];
    }

    /// <summary>The difference of the two medians.</summary>
    private static async Task<double> RoundAsync(StoredTalk inMemory, StoredTalk inFile, int turns, int seed)
    {
        var (memory, file) = (new List<double>(), new List<double>());
        (inMemory.Last, inFile.Last) = (null, null);
        for (var turn = 0; turn < turns; turn++)
        {
            memory.Add(await TimeAsync(inMemory, seed + turn));
            file.Add(await TimeAsync(inFile, seed + turn));
        }
        return Figures.Median(file) - Figures.Median(memory);
    }

    private static async Task<double> TimeAsync(StoredTalk talk, int seed)
    {
        var began = Stopwatch.GetTimestamp();
        await talk.TurnAsync(Speech.OfLength(InputBytes, seed));
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }
}
