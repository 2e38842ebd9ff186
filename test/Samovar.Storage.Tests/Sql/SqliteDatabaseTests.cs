using System.Diagnostics;
using System.Text;
using Samovar.Storage.Sql;
using Samovar.Storage.Tests.Chains;
using Samovar.Stores;
using Samovar.Testing;
using static Samovar.Storage.Tests.Chains.Rows;

namespace Samovar.Storage.Tests.Sql;

/// <summary>What a file of stored responses goes through: restarts, other programs, disks that fail.</summary>
public sealed class SqliteDatabaseTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Rows_OutliveTheProcess()
    {
        ChainRow[] chain;
        await using (var house = await StoreHouse.SqliteAsync(_folder.Path)) chain = await house.Rows.AppendChainAsync(3);
        await using var next = await StoreHouse.SqliteAsync(_folder.Path);
        var fourth = await next.Rows.AppendAsync(New(chain[2]));
        Assert.Equal(4, (await next.Rows.ListAsync(fourth.Id)).Count);
    }

    [Fact]
    public async Task Files_AreTheirOwnersAlone()
    {
        if (OperatingSystem.IsWindows()) return; // it has other rights
        var folder = Path.Combine(_folder.Path, "data");
        await using var house = await StoreHouse.SqliteAsync(folder);
        await house.Rows.AppendAsync(New());
        foreach (var name in (string[])["", "-wal", "-shm", ".lock"])
        {
            var path = Path.Combine(folder, StorageServices.FileName + name);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
    }

    /// <summary>What was acknowledged is in the log on disk already, whether or not anybody closes the file.</summary>
    [Fact]
    public async Task Rows_AreThere_InWhatAKilledProcessLeaves()
    {
        await using var house = await StoreHouse.SqliteAsync(_folder.Path);
        var chain = await house.Rows.AppendChainAsync(20);
        using var left = new TestFolder();
        foreach (var name in (string[])["", "-wal"]) File.Copy(_folder.File + name, left.File + name);
        await using var next = await StoreHouse.SqliteAsync(left.Path);
        Assert.Equal(20, (await next.Rows.ListAsync(chain[^1].Id)).Count);
    }

    [Fact]
    public async Task SecondServer_OnTheFolder_IsRefused_AndTheFirstGoesOn()
    {
        await using var first = await StoreHouse.SqliteAsync(_folder.Path);
        var refusal = await Assert.ThrowsAsync<StoreRefusedException>(() => StoreHouse.SqliteAsync(_folder.Path));
        Assert.Contains("in use by another server", refusal.Message, StringComparison.Ordinal);
        await first.Rows.AppendAsync(New());
    }

    [Fact]
    public async Task FileOfAnotherProgram_IsRefused_AndLeftAsItIs()
    {
        _folder.Execute("CREATE TABLE recipes (name TEXT)");
        var before = await File.ReadAllBytesAsync(_folder.File, Soon.Token);
        var refusal = await Assert.ThrowsAsync<StoreRefusedException>(() => StoreHouse.SqliteAsync(_folder.Path));
        Assert.Contains("another program", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(_folder.File, Soon.Token));
    }

    [Fact]
    public async Task FileThatIsNoDatabase_IsRefused_AndLeftAsItIs()
    {
        await File.WriteAllTextAsync(_folder.File, new string('x', 10_000), Soon.Token);
        var refusal = await Assert.ThrowsAsync<StoreRefusedException>(() => StoreHouse.SqliteAsync(_folder.Path));
        Assert.Contains("is damaged or no SQLite file", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(new string('x', 10_000), await File.ReadAllTextAsync(_folder.File, Soon.Token));
    }

    [Fact]
    public async Task DamagedPage_FailsWhatLiesThere_AndNothingElse()
    {
        var large = New() with { Body = Encoding.ASCII.GetBytes(new string('L', 100_000)) };
        ChainRow small;
        await using (var house = await StoreHouse.SqliteAsync(_folder.Path))
        {
            small = await house.Rows.AppendAsync(New());
            await house.Rows.AppendAsync(large);
        }
        Damage(_folder.File);
        await using var next = await StoreHouse.SqliteAsync(_folder.Path);
        var failure = await Assert.ThrowsAsync<StoreAwayException>(() => next.Rows.ListAsync(large.Id));
        Assert.Contains("damaged", failure.Message, StringComparison.Ordinal);
        Assert.Single(await next.Rows.ListAsync(small.Id));
        await next.Rows.AppendAsync(New(small));
        await next.Rows.RequireAsync(Soon.Token);
    }

    [Fact]
    public async Task FullDisk_RefusesAtOnce_AndGoesOnWhenThereIsRoom()
    {
        await using var disk = await SmallDisk.TryMountAsync(megabytes: 3);
        Assert.SkipWhen(disk is null, "a small disk can be mounted by root only");
        var options = new StoreOptions
        {
            RetryDelayMin = TimeSpan.FromMilliseconds(20), RetryDelayMax = TimeSpan.FromMilliseconds(50), FreeBytesMin = 512 << 10,
        };
        await using var house = await StoreHouse.SqliteAsync(disk.Path, options);
        var stored = new List<ChainRow>();
        var filler = Path.Combine(disk.Path, "filler");
        await File.WriteAllBytesAsync(filler, new byte[1 << 20], Soon.Token);
        await Assert.ThrowsAsync<StoreAwayException>(async () =>
        {
            while (true) stored.Add(await house.Rows.AppendAsync(New(stored.LastOrDefault(), bytes: 50_000)));
        });
        await Assert.ThrowsAsync<StoreAwayException>(async () => await house.Rows.RequireAsync(Soon.Token));
        Assert.Equal(stored.Count, (await house.Rows.ListAsync(stored[^1].Id)).Count); // it can still be read
        Assert.Contains(house.Lines.Lines, line => line.Contains("turns with store:true are refused", StringComparison.Ordinal));
        File.Delete(filler);
        await BackAsync(house);
        var next = await house.Rows.AppendAsync(New(stored[^1]));
        Assert.Equal(stored.Count + 1, (await house.Rows.ListAsync(next.Id)).Count);
    }

    [Fact]
    public async Task ReadOnlyFolder_IsAway_AndComesBack()
    {
        await using var disk = await SmallDisk.TryMountAsync(megabytes: 3);
        Assert.SkipWhen(disk is null, "a small disk can be mounted by root only");
        await disk.RemountAsync("ro");
        var options = new StoreOptions
        {
            RetryDelayMin = TimeSpan.FromMilliseconds(20), RetryDelayMax = TimeSpan.FromMilliseconds(50), FreeBytesMin = 512 << 10,
        };
        await using var house = await StoreHouse.SqliteAsync(disk.Path, options);
        await Assert.ThrowsAsync<StoreAwayException>(() => house.Rows.AppendAsync(New()));
        await disk.RemountAsync("rw");
        await BackAsync(house);
        await house.Rows.AppendAsync(New());
    }

    [Fact]
    public async Task ReadThatHadLittleTimeLeft_SaysNothingOfTheStore()
    {
        var options = new StoreOptions { CallTimeMax = TimeSpan.FromSeconds(1), CommandTimeMax = TimeSpan.FromMinutes(1) };
        await using var house = await StoreHouse.SqliteAsync(_folder.Path, options);
        await Assert.ThrowsAsync<StoreAwayException>(() => house.Store.ReadAsync<int>(async (_, deadline) =>
        {
            await Task.Delay(Timeout.Infinite, deadline);
            return 0;
        }, Soon.Token));
        Assert.Empty(house.Lines.Lines);
    }

    [Fact]
    public async Task Log_IsEmptied_WhenNothingIsWritten()
    {
        var options = new StoreOptions { CheckpointInterval = TimeSpan.FromMilliseconds(100) };
        await using var house = await StoreHouse.SqliteAsync(_folder.Path, options);
        await house.Rows.AppendChainAsync(5);
        await LogIsEmptiedAsync();
        Assert.True(new FileInfo(_folder.File).Length > 0);
    }

    /// <summary>Pages that rows leave are free for others: what stood there would be read from the file for as long as nothing takes them.
    /// </summary>
    [Fact]
    public async Task WhatIsDeleted_IsInNoFile_OnceTheLogIsEmptied()
    {
        const string secret = "SECRET";
        byte[] Said(int bytes) => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(secret, bytes / secret.Length)));
        var options = new StoreOptions { CheckpointInterval = TimeSpan.FromMilliseconds(100) };
        await using var house = await StoreHouse.SqliteAsync(_folder.Path, options);
        var made = new List<ChainRow>();
        foreach (var bytes in Enumerable.Range(0, 60).Select(static i => i % 3 == 0 ? 40_000 : 100 * i))
        {
            await house.Rows.AppendAsync(New(bytes: bytes)); // stays
            made.Add(await house.Rows.AppendAsync(New() with { Body = Said(bytes), Pieces = [Piece(secret + bytes)] }));
        }
        await LogIsEmptiedAsync();
        Assert.True(IsInFile(secret)); // or the rest would say nothing

        foreach (var row in made) Assert.True(await house.Rows.DeleteAsync(Tea, row.Id, Soon.Token));
        await house.Cleanup.CleanAsync(Soon.Token);
        await LogIsEmptiedAsync();
        Assert.False(IsInFile(secret));
        Assert.Equal(60, await house.CountAsync("chain_row"));
    }

    private bool IsInFile(string text)
    {
        using var file = new FileStream(_folder.File, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
    }

    private async Task LogIsEmptiedAsync()
    {
        while (new FileInfo(_folder.File + "-wal").Length > 0) await Task.Delay(20, Soon.Token);
    }

    private static async Task BackAsync(StoreHouse house)
    {
        while (house.Store.Trouble is not null) await Task.Delay(10, Soon.Token);
    }

    /// <summary>Overwrites the pages that hold the large body.</summary>
    private static void Damage(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var begin = bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(new string('L', 3000)));
        bytes.AsSpan(begin & ~4095, 16).Fill(0xFF); // the link to the next page of it
        File.WriteAllBytes(path, bytes);
    }

    /// <summary>A disk of a few megabytes, in memory.</summary>
    private sealed class SmallDisk : IAsyncDisposable
    {
        private readonly TestFolder _folder = new();

        public string Path => _folder.Path;

        public static async Task<SmallDisk?> TryMountAsync(int megabytes)
        {
            if (!OperatingSystem.IsLinux() || Environment.UserName != "root") return null;
            var disk = new SmallDisk();
            if (await RunAsync("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", disk.Path)) return disk;
            disk._folder.Dispose();
            return null;
        }

        public async Task RemountAsync(string mode) => Assert.True(await RunAsync("mount", "-o", "remount," + mode, Path));

        public async ValueTask DisposeAsync()
        {
            await RunAsync("umount", Path);
            _folder.Dispose();
        }

        private static async Task<bool> RunAsync(string program, params string[] arguments)
        {
            var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true };
            using var process = Process.Start(start)!;
            await process.WaitForExitAsync(Soon.Token);
            return process.ExitCode == 0;
        }
    }
}
