using Samovar.Engine.Retention;
using Samovar.Testing;

namespace Samovar.Engine.Tests.Disk;

/// <summary>A disk in trouble: only its tier suffers, and it is used again without a restart.</summary>
public sealed class DiskFaultTests : IDisposable
{
    private readonly DiskLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task FolderThatCannotBeOpened_IsTriedAgain()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_lab.Folder)!);
        await File.WriteAllTextAsync(_lab.Folder, "in the way", Soon.Token);
        await using var engine = _lab.Start("llama", Soonest);
        Assert.NotNull(engine.Counters.DiskFault);
        var (end, _) = await DiskLab.RunAsync(engine, DiskLab.Spec(DiskLab.Prompt(1, 300)));
        Assert.Equal(EngineTurnEndKind.OutputLimit, end.Kind);
        File.Delete(_lab.Folder);
        await Soon.UntilAsync(() => engine.Counters.DiskFault is null);
        await DiskLab.RunAsync(engine, DiskLab.Spec(DiskLab.Prompt(2, 300)));
        await DiskLab.WrittenAsync(engine); // the first one's too
        Assert.NotEmpty(_lab.Files);
    }

    [Fact]
    public async Task SecondEngineOfAFolder_HasIt_WhenTheFirstHasEnded()
    {
        var first = _lab.Start("llama");
        var (one, _) = await DiskLab.RunAsync(first, DiskLab.Spec(DiskLab.Prompt(1, 300)));
        await using var second = _lab.Start("llama", Soonest);
        Assert.NotNull(second.Counters.DiskFault);
        await first.DisposeAsync();
        await Soon.UntilAsync(() => second.Counters.DiskFault is null);
        var (end, _) = await DiskLab.RunAsync(second, DiskLab.Spec(DiskLab.Again(one.Path, 2, 20)));
        Assert.Equal(CacheSource.Disk, end.Source);
    }

    [Fact]
    public async Task WritesThatFail_AreDoneLater_WhenTheDiskWorksAgain()
    {
        var away = _lab.Folder + "-away";
        TokenPath path;
        await using (var engine = _lab.Start("llama", options =>
        {
            Soonest(options);
            options.ParkedBytesMax = 1 << 30;
        }))
        {
            Directory.Move(_lab.Folder, away);
            var (one, _) = await DiskLab.RunAsync(engine, DiskLab.Spec(DiskLab.Prompt(1, 300)));
            path = one.Path;
            for (var session = 2; session < 6; session++) await DiskLab.RunAsync(engine, DiskLab.Spec(DiskLab.Prompt(session, 300)));
            await Soon.UntilAsync(() => engine.Counters.DiskFailures > 0);
            Assert.NotNull(engine.Counters.DiskFault);
            Directory.Move(away, _lab.Folder);
            await Soon.UntilAsync(() => engine.Counters.DiskFault is null && engine.Counters.DiskWrites >= 5
                && _lab.Bytes == engine.Counters.DiskBytes);
        }
        await using var second = _lab.Start("llama");
        var (end, _) = await DiskLab.RunAsync(second, DiskLab.Spec(DiskLab.Again(path, 2, 20)));
        Assert.Equal(CacheSource.Disk, end.Source);
    }

    [Fact]
    public async Task FileThatCannotBeRead_IsKept_AndReadLater()
    {
        EngineTurnEnd one;
        await using (var first = _lab.Start("llama")) one = (await DiskLab.RunAsync(first, DiskLab.Spec(DiskLab.Prompt(1, 300)))).End;
        await using var engine = _lab.Start("llama", static options =>
        {
            Soonest(options);
            options.Retention = RetentionNames.Recency; // others take its stream
        });
        var files = _lab.Files;
        foreach (var file in files)
        {
            File.Move(file, file + ".away");
            Directory.CreateDirectory(file); // it is there, and cannot be read
        }
        var prompt = DiskLab.Again(one.Path, 2, 20);
        var (cold, _) = await DiskLab.RunAsync(engine, DiskLab.Spec(prompt, isStored: false, scope: "a") with { OutputTokensMax = 0 });
        Assert.Equal(0, cold.CachedTokens);
        Assert.True(engine.Counters is { DiskFailures: > 0, DiskRefused: 0 });
        foreach (var file in files)
        {
            Directory.Delete(file);
            File.Move(file + ".away", file);
        }
        for (var other = 3; other < 6; other++) // the streams hold others' then
            await DiskLab.RunAsync(engine, DiskLab.Spec(DiskLab.Prompt(other, 300), isStored: false));
        engine.Store.Clear();
        await Soon.UntilAsync(() => !IsResting(engine));
        var (end, _) = await DiskLab.RunAsync(engine, DiskLab.Spec(prompt, isStored: false));
        Assert.Equal(CacheSource.Disk, end.Source);
    }

    [Fact]
    public async Task EngineThatEndsWhileItLooks_LeavesAllFilesAsTheyAre()
    {
        var paths = new List<TokenPath>();
        await using (var first = _lab.Start("llama"))
            for (var session = 1; session <= 3; session++)
                paths.Add((await DiskLab.RunAsync(first, DiskLab.Spec(DiskLab.Prompt(session, 300)))).End.Path);
        var files = _lab.Files;
        var pipe = Path.Combine(_lab.Folder, "0.rows");
        await DiskLab.HangAsync(pipe);
        File.SetLastWriteTimeUtc(pipe, File.GetLastWriteTimeUtc(files[0]).AddHours(1)); // is looked at before all others
        var second = _lab.Start("llama", static options => (options.DiskScanMax, options.DiskDrainMax) = (TimeSpan.Zero, TimeSpan.Zero));
        await second.DisposeAsync();
        await using (DiskLab.GoOn(pipe)) await Soon.UntilAsync(() => !File.Exists(pipe) && _lab.IsFree);
        Assert.Equal(files.Order(), _lab.Files.Order());
        await using var third = _lab.Start("llama");
        foreach (var path in paths)
        {
            var (end, _) = await DiskLab.RunAsync(third, DiskLab.Spec(DiskLab.Again(path, 9, 20), isStored: false));
            Assert.Equal(CacheSource.Disk, end.Source);
        }
    }

    [Fact]
    public async Task FolderThatIsStillLookedAt_IsNotAsked_AndThatIsNoFault()
    {
        var paths = new List<TokenPath>();
        await using (var first = _lab.Start("llama"))
            for (var session = 1; session <= 2; session++)
                paths.Add((await DiskLab.RunAsync(first, DiskLab.Spec(DiskLab.Prompt(session, 300)))).End.Path);
        var bytes = _lab.Files.Sum(file => new FileInfo(file).Length);
        var pipe = Path.Combine(_lab.Folder, "0.rows");
        await DiskLab.HangAsync(pipe);
        File.SetLastWriteTimeUtc(pipe, DateTime.UnixEpoch); // is looked at behind all others
        await using var engine = _lab.Start(
            "llama", static options => (options.DiskScanMax, options.DiskRetryDelay) = (TimeSpan.Zero, TimeSpan.FromHours(1)));
        await Soon.UntilAsync(() => engine.Counters.DiskBytes == bytes); // all that can be found
        var (cold, _) = await DiskLab.RunAsync(engine, DiskLab.Spec(DiskLab.Again(paths[0], 8, 20)));
        Assert.Equal((0, 0L, null), (cold.CachedTokens, engine.Counters.DiskFailures, engine.Counters.DiskFault));
        await using (DiskLab.GoOn(pipe)) await Soon.UntilAsync(() => !File.Exists(pipe));
        await DiskLab.WrittenAsync(engine);
        var (end, _) = await DiskLab.RunAsync(engine, DiskLab.Spec(DiskLab.Again(paths[1], 9, 20)));
        Assert.Equal((CacheSource.Disk, null), (end.Source, engine.Counters.DiskFault));
    }

    [Fact]
    public async Task JournalThatCannotBeRead_IsNotTakenForNone()
    {
        EngineTurnEnd one;
        await using (var first = _lab.Start("llama")) one = (await DiskLab.RunAsync(first, DiskLab.Spec(DiskLab.Prompt(1, 300)))).End;
        var (uses, files) = (Path.Combine(_lab.Folder, "uses"), _lab.Files);
        File.Move(uses, uses + ".away");
        Directory.CreateDirectory(uses); // it is there, and cannot be read
        await using (var second = _lab.Start("llama", static options => options.DiskRetryDelay = TimeSpan.FromHours(1)))
            Assert.NotNull(second.Counters.DiskFault);
        Assert.All(files, file => Assert.True(File.Exists(file)));
        Directory.Delete(uses);
        File.Move(uses + ".away", uses);
        await using var engine = _lab.Start("llama");
        var (end, _) = await DiskLab.RunAsync(engine, DiskLab.Spec(DiskLab.Again(one.Path, 2, 20), isStored: false));
        Assert.Equal(CacheSource.Disk, end.Source);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task Files_LeaveOthersTheirRoom(long bytesMax)
    {
        await using var engine = _lab.Start(
            "llama", options => (options.DiskBytesMax, options.DiskFreeMin) = (bytesMax, long.MaxValue / 2));
        await DiskLab.RunAsync(engine, DiskLab.Spec(DiskLab.Prompt(1, 300)));
        if (bytesMax < 0) Assert.InRange(engine.Counters.DiskBytesMax, 1, 64L << 30);
        await engine.DisposeAsync();
        Assert.Empty(_lab.Files);
    }

    [Fact]
    public async Task Files_OfAnOlderKey_AreRead_AsLongAsItIsThere()
    {
        byte[] older = [.. Enumerable.Repeat((byte)1, 32)], newer = [.. Enumerable.Repeat((byte)2, 32)];
        EngineTurnEnd one, two;
        await using (var first = _lab.Start([older])) one = (await DiskLab.RunAsync(first, DiskLab.Spec(DiskLab.Prompt(1, 300)))).End;
        await using (var second = _lab.Start([newer, older]))
        {
            two = (await DiskLab.RunAsync(second, DiskLab.Spec(DiskLab.Again(one.Path, 2, 80)))).End;
            Assert.Equal((CacheSource.Disk, 0L), (two.Source, second.Counters.DiskRefused));
        }
        await using (var third = _lab.Start([newer, older]))
        {
            var (end, _) = await DiskLab.RunAsync(third, DiskLab.Spec(DiskLab.Again(two.Path, 3, 20), isStored: false));
            Assert.InRange(end.CachedTokens, two.Path.Length - 1, two.Path.Length); // of both keys
        }
        await using (var fourth = _lab.Start([newer]))
        {
            Assert.True(fourth.Counters.DiskRefused > 0);
            var (end, _) = await DiskLab.RunAsync(fourth, DiskLab.Spec(DiskLab.Again(two.Path, 3, 20), isStored: false));
            Assert.Equal(0, end.CachedTokens); // what stands in front of the newer files has gone
        }
    }

    private static bool IsResting(Llama.LlamaEngine engine) => engine.Placer.Files.Disk is { Fault: not null } disk && disk.IsResting;

    private static void Soonest(EngineOptions options) => options.DiskRetryDelay = TimeSpan.FromMilliseconds(50);
}
