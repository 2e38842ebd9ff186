using System.Runtime.Versioning;
using Microsoft.Data.Sqlite;
using Samovar.Cli.Agents;
using Samovar.Testing;

namespace Samovar.Tests.Disks;

/// <summary>Every file that the server writes, on disks that are full, read-only, in the way or gone: what it holds waits, and is there
/// when the disk is well again.</summary>
public sealed class DiskFaultTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-disk-faults-");

    public static TheoryData<string> Files => ["affinity", "request_log"];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Files))]
    public async Task FullDisk_LosesNothing_ThatHasRoomToWait(string name)
    {
        using var disk = SmallDisk.Mount();
        await FailAndRecoverAsync(name, Path.Combine(disk.Path, "file"), disk.Fill, disk.Free, beginsWell: true);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task DiskThatIsFullFromTheStart_IsUsedWhenThereIsRoom(string name)
    {
        using var disk = SmallDisk.Mount();
        await FailAndRecoverAsync(name, Path.Combine(disk.Path, "file"), disk.Fill, disk.Free, beginsWell: false);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task ReadOnlyDisk_LosesNothing_ThatHasRoomToWait(string name)
    {
        using var disk = SmallDisk.Mount();
        await FailAndRecoverAsync(name, Path.Combine(disk.Path, "file"), () => disk.MakeReadOnly(true), () => disk.MakeReadOnly(false),
            beginsWell: false);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task FolderInTheFilesPlace_LosesNothing_ThatHasRoomToWait(string name)
    {
        var path = Path.Combine(_folder.FullName, "file");
        await FailAndRecoverAsync(name, path, () => Directory.CreateDirectory(path), () => Directory.Delete(path), beginsWell: false);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task FileInTheFoldersPlace_LosesNothing_ThatHasRoomToWait(string name)
    {
        var folder = Path.Combine(_folder.FullName, "sub");
        await FailAndRecoverAsync(name, Path.Combine(folder, "file"), () => File.WriteAllText(folder, ""), () => File.Delete(folder),
            beginsWell: false);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task LinkToNowhere_LosesNothing_ThatHasRoomToWait(string name)
    {
        var path = Path.Combine(_folder.FullName, "file");
        await FailAndRecoverAsync(name, path, () => File.CreateSymbolicLink(path, "/nowhere/at/all"), () => File.Delete(path),
            beginsWell: false);
    }

    [Theory]
    [MemberData(nameof(Files))]
    [UnsupportedOSPlatform("windows")]
    public async Task FolderWithoutTheRight_LosesNothing_ThatHasRoomToWait(string name)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "root may write everywhere");
        var path = Path.Combine(_folder.FullName, "file");
        await FailAndRecoverAsync(name, path,
            () => File.SetUnixFileMode(_folder.FullName, UnixFileMode.UserRead | UnixFileMode.UserExecute),
            () => File.SetUnixFileMode(_folder.FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute),
            beginsWell: false);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task WhatFindsNoRoom_IsCounted_AndTheStopIsNoFailure(string name)
    {
        var path = Path.Combine(_folder.FullName, "file");
        Directory.CreateDirectory(path);
        using var file = WrittenFile.Of(name, path);
        await file.Service.StartAsync(Cancelled);
        file.Add(0);
        await Soon.In(WrittenFile.UntilAsync(() => file.Condition.Trouble is not null));
        const int many = 10 * WrittenFile.QueueMax;
        for (var number = 1; number <= many; number++) file.Add(number);
        await Soon.In(file.Service.StopAsync(Cancelled));
        Assert.True(file.Service.Running!.IsCompletedSuccessfully);
        Assert.Equal(many + 1, file.Condition.Dropped); // what waited is lost with the process, and counted as well
        Assert.Equal(2, file.Logger.Warnings); // that it fails, and that something is lost
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task BrokenFile_DoesNotStopTheNextEntries(string name)
    {
        var path = Path.Combine(_folder.FullName, "file");
        await File.WriteAllTextAsync(path, new string('x', 10_000), Cancelled); // no database; no line's end
        using (var file = WrittenFile.Of(name, path))
        {
            await file.Service.StartAsync(Cancelled);
            file.Add(1);
            await Soon.In(file.Service.StopAsync(Cancelled));
            Assert.Equal(0, file.Condition.Dropped);
            if (name == "affinity") Assert.Equal([1], file.Read());
        }
        if (name == "affinity") Assert.Equal(10_000, new FileInfo(path + ".broken").Length);
        else Assert.Equal([10_000], (await File.ReadAllLinesAsync(path, Cancelled)).Select(line => line.Length).Take(1));
    }

    [Theory]
    [InlineData("PRAGMA user_version = 2; CREATE TABLE affinity (other TEXT)")]
    [InlineData("CREATE TABLE recipes (name TEXT)")]
    public async Task FileOfALaterVersion_OrAnotherProgram_IsLeftAsItIs(string statements)
    {
        var path = Path.Combine(_folder.FullName, "file");
        Execute(path, statements);
        var before = await File.ReadAllBytesAsync(path, Cancelled);
        using (var file = WrittenFile.Of("affinity", path))
        {
            await file.Service.StartAsync(Cancelled);
            file.Add(1);
            await Soon.In(file.Service.StopAsync(Cancelled));
            Assert.Equal((1L, 2), (file.Condition.Dropped, file.Logger.Warnings));
        }
        Assert.Equal(before, await File.ReadAllBytesAsync(path, Cancelled));
        Assert.False(File.Exists(path + ".broken"));
    }

    [Fact]
    public void EditOfAFile_OnAFullDisk_CostsNothingOfIt()
    {
        using var disk = SmallDisk.Mount();
        var text = string.Concat(Enumerable.Repeat("one two three\n", 1000));
        File.WriteAllText(Path.Combine(disk.Path, "notes.txt"), text);
        disk.Fill();
        Assert.Throws<IOException>(() => new Workspace(disk.Path).Edit("notes.txt", "one", "1"));
        Assert.Equal(text, File.ReadAllText(Path.Combine(disk.Path, "notes.txt")));
        Assert.Equal(["ballast", "notes.txt"], Directory.GetFiles(disk.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    private static void Execute(string path, string statements)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = statements;
        command.ExecuteNonQuery();
    }

    private static async Task FailAndRecoverAsync(string name, string path, Action fail, Action mend, bool beginsWell)
    {
        using var file = WrittenFile.Of(name, path);
        var number = 0;
        await file.Service.StartAsync(Cancelled);
        if (beginsWell)
        {
            file.Add(number++);
            await Soon.In(WrittenFile.UntilAsync(() => File.Exists(path) && file.Read().Count == 1));
        }
        fail();
        while (number < WrittenFile.QueueMax / 2) file.Add(number++);
        await Soon.In(WrittenFile.UntilAsync(() => file.Condition.Trouble is not null));
        await file.RetryAsync(() => file.Condition.RetryDelay == file.Options.RetryDelayMax); // longer and longer, up to a bound
        Assert.Equal((1, 0), (file.Logger.Warnings, file.Logger.Informations));
        file.Add(number++);
        mend();
        await file.RetryAsync(() => file.Condition.Trouble is null);
        await Soon.In(file.Service.StopAsync(Cancelled));
        Assert.Equal(Enumerable.Range(0, number), file.Read());
        Assert.Equal((1, 1, 0L), (file.Logger.Warnings, file.Logger.Informations, file.Condition.Dropped));
    }
}
