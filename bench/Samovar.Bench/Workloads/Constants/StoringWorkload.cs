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
        await using var inMemory = await StoredTalk.OpenAsync(memory.Server.Address);
        await RoundAsync(inMemory, folder.Path, WarmUp, seed: 0);
        var (rounds, bytes) = (new List<StoringRound>(), folder.Bytes);
        for (var round = 1; round <= Rounds; round++)
        {
            var measured = await RoundAsync(inMemory, folder.Path, Turns, round * Turns);
            rounds.Add(measured with { StoredBytes = (folder.Bytes - bytes) / (double)Turns });
            bytes = folder.Bytes;
        }
        return
        [
            new MeasuredValue(ConstantNames.StoringMs, "ms", [.. rounds.Select(round => round.AddedMs)],
                Conditions + "; against a server that stores in memory, in alternation"),
            new MeasuredValue(ConstantNames.ChainBytes, "B", [.. rounds.Select(round => round.KeptBytes)],
                Conditions + "; as the server counts what it keeps in memory"),
            new MeasuredValue(ConstantNames.StoredBytes, "B", [.. rounds.Select(round => round.StoredBytes)],
                Conditions + "; growth of the data folder once the server has ended"),
        ];
    }

    /// <summary>A server of its own on the folder, so that its log is in the file afterwards.</summary>
    private static async Task<StoringRound> RoundAsync(StoredTalk inMemory, string folder, int turns, int seed)
    {
        await using var file = await StoreHost.StartAsync(StoreHost.Sqlite(folder));
        var store = (DurableChainStore)file.Server.Services.GetRequiredService<IChainStore>();
        await using var inFile = await StoredTalk.OpenAsync(file.Server.Address);
        var before = store.Bytes;
        var added = await AddedAsync(inMemory, inFile, turns, seed);
        return new StoringRound(added, (store.Bytes - before) / (double)turns, 0);
    }

    /// <summary>The difference of the two medians.</summary>
    private static async Task<double> AddedAsync(StoredTalk inMemory, StoredTalk inFile, int turns, int seed)
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

    private sealed record StoringRound(double AddedMs, double KeptBytes, double StoredBytes);
}
