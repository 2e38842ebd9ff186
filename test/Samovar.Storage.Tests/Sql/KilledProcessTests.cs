using System.Diagnostics;
using System.Globalization;
using Samovar.Protocol.Ids;
using Samovar.Storage.Tests.Chains;
using Samovar.Stores;
using Samovar.Testing;
using static Samovar.Storage.Tests.Chains.Rows;

namespace Samovar.Storage.Tests.Sql;

/// <summary>A process that stores responses is killed at any moment: what was acknowledged is there, nothing is half there.</summary>
public sealed class KilledProcessTests : IDisposable
{
    private const string FolderVariable = "SAMOVAR_TEST_STORE_FOLDER";
    private readonly TestFolder _folder = new();
    private readonly Random _random = new(4711);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task WhatWasAcknowledged_IsThere_AfterEachKill()
    {
        var kills = int.Parse(Environment.GetEnvironmentVariable("SAMOVAR_TEST_STORE_KILLS") ?? "3", CultureInfo.InvariantCulture);
        for (var kill = 0; kill < kills; kill++)
        {
            await KillAsync(acknowledgedMin: kill == 0 ? 1 : _random.Next(1, 300));
            await using var house = await StoreHouse.SqliteAsync(_folder.Path);
            foreach (var line in await AcknowledgedAsync())
            {
                var (id, depth) = (new ResponseId(line[0]), int.Parse(line[1], CultureInfo.InvariantCulture));
                Assert.Equal(depth, (await house.Rows.ListAsync(id)).Count);
            }
            var damage = await house.Store.ReadAsync(
                (session, deadline) => session.ScalarAsync(new("PRAGMA integrity_check"), deadline), Soon.Token);
            Assert.Equal("ok", damage);
            Assert.Equal(await SumAsync(house, "SELECT sum(responses) FROM chain_tree"), await house.CountAsync("chain_row"));
            Assert.Equal(await house.CountAsync("chain_row"), await house.CountAsync("chain_use"));
        }
    }

    /// <summary>The process that is killed: it runs only where another test starts it.</summary>
    [Fact(Explicit = true)]
    public async Task Child_StoresUntilItIsKilled()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is not { } folder) return;
        await using var house = await StoreHouse.SqliteAsync(folder);
        await using var file = new FileStream(
            Path.Combine(folder, "acknowledged"), FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        var ids = new IdSource();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ChainsAsync()));

        async Task ChainsAsync()
        {
            ChainRow? parent = null;
            while (true)
            {
                parent = parent is { Depth: < 10 } ? parent : null;
                var id = ResponseId.New(ids);
                var row = New(parent, bytes: 3000) with { Id = id, Root = parent?.Root ?? id, Pieces = [Piece("tools")] };
                parent = await house.Rows.AppendAsync(row);
                lock (file) file.Write(System.Text.Encoding.ASCII.GetBytes($"{id} {row.Depth}\n"));
            }
        }
    }

    private async Task KillAsync(int acknowledgedMin)
    {
        var before = (await AcknowledgedAsync()).Count;
        var start = new ProcessStartInfo("dotnet",
        [
            typeof(KilledProcessTests).Assembly.Location, "-explicit", "only",
            "-method", $"{typeof(KilledProcessTests).FullName}.{nameof(Child_StoresUntilItIsKilled)}",
        ])
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment[FolderVariable] = _folder.Path;
        using var child = Process.Start(start)!;
        var output = child.StandardOutput.ReadToEndAsync();
        var soon = Soon.Token;
        try
        {
            while ((await AcknowledgedAsync()).Count < before + acknowledgedMin)
            {
                Assert.False(child.HasExited, child.HasExited ? await output : "");
                await Task.Delay(5, soon);
            }
        }
        finally
        {
            child.Kill(); // at once, as kill -9
            await child.WaitForExitAsync(Soon.Token);
        }
    }

    /// <summary>Whole lines: the last may have been cut.</summary>
    private async Task<List<string[]>> AcknowledgedAsync()
    {
        var path = Path.Combine(_folder.Path, "acknowledged");
        if (!File.Exists(path)) return [];
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var text = await new StreamReader(file).ReadToEndAsync(Soon.Token);
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' '))];
    }

    private static Task<long> SumAsync(StoreHouse house, string text) => house.Store.ReadAsync(async (session, deadline) =>
        Convert.ToInt64(await session.ScalarAsync(new(text), deadline), CultureInfo.InvariantCulture), Soon.Token);
}
