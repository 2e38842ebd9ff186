using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Accounting;
using Samovar.Disks;
using Samovar.Gateway.Affinity;
using Samovar.Gateway.Destinations;
using Samovar.Protocol.Ids;
using Samovar.Server.Monitoring;
using Samovar.Testing;
using Samovar.Testing.Core;

namespace Samovar.Tests.Disks;

/// <summary>Faults that no file system makes on demand: a write that fails half-way, one that never comes back, exceptions of any
/// kind.</summary>
public sealed class InjectedFaultTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-injected-");
    private readonly TestMeters _meters = new();
    private readonly ManualTime _time = new();
    private readonly LevelLogger _logger = new();
    private readonly DiskOptions _options = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;
    private string Path => System.IO.Path.Combine(_folder.FullName, "file");

    public void Dispose()
    {
        _meters.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(7, true)]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(7, false)]
    public async Task WriteThatFailsHalfWay_LeavesNoTornLine(int failing, bool mayBeCut)
    {
        var faults = new Faults { FailingWrite = failing, MayBeCut = mayBeCut };
        var condition = new FileCondition("request_log", Path, _options, _logger);
        using var log = new RequestLogFile(new MonitoringOptions(), condition, path => new FaultyStream(LineFile.Open(path), faults),
            new RequestLogMetrics(_meters), _time);
        await log.StartAsync(Cancelled);
        for (var number = 0; number < 12; number++)
        {
            log.Write(new RequestRecord { Tenant = TenantId.Local, Outcome = "completed", Response = new ResponseId($"r{number}") });
            await Soon.In(WrittenFile.UntilAsync(() =>
            {
                _time.Advance(_options.RetryDelayMax); // where it has failed already
                return faults.Writes > number;
            }));
        }
        await RetryAsync(() => condition.Trouble is null);
        await Soon.In(log.StopAsync(Cancelled));
        var lines = await File.ReadAllLinesAsync(Path, Cancelled);
        var whole = lines.Where(line => line.EndsWith('}')).ToList();
        Assert.All(whole, line => Assert.StartsWith("{\"at\"", line, StringComparison.Ordinal)); // none is glued to a torn one
        Assert.Equal(12, whole.Count);
        Assert.Equal(mayBeCut ? 0 : 1, lines.Length - whole.Count);
        Assert.Equal((1, 1), (_logger.Warnings, _logger.Informations));
    }

    [Fact]
    public async Task WriteThatNeverComesBack_HoldsNeitherWritersNorTheStop()
    {
        var gate = new TaskCompletionSource();
        var condition = new FileCondition("request_log", Path, _options, _logger);
        var log = new RequestLogFile(new MonitoringOptions { RequestLogQueueMax = 10 }, condition,
            path => new FaultyStream(LineFile.Open(path), new Faults { Gate = gate.Task }), new RequestLogMetrics(_meters), _time);
        await log.StartAsync(Cancelled);
        await StopWhileStuckAsync(
            log, condition, () => log.Write(new RequestRecord { Tenant = TenantId.Local, Outcome = "completed" }));
        gate.SetResult();
        await Soon.In(log.Running!);
        log.Dispose();
    }

    [Fact]
    public async Task RowsThatAreNeverWritten_HoldNeitherTurnsNorTheStop()
    {
        using var gate = new ManualResetEventSlim();
        var condition = new FileCondition("affinity", Path, _options, _logger);
        var journal = Journal(condition, _ => new FaultyRows(() => gate.Wait()));
        await journal.StartAsync(Cancelled);
        await StopWhileStuckAsync(journal, condition, () => journal.Note(default));
        journal.Dispose(); // the write is still under way
        gate.Set();
        await Soon.In(journal.Running!);
    }

    [Theory]
    [InlineData(typeof(Microsoft.Data.Sqlite.SqliteException))]
    [InlineData(typeof(IOException))]
    [InlineData(typeof(NullReferenceException))]
    public async Task WhateverAWriteThrows_TheJournalGoesOn(Type kind)
    {
        var writes = 0;
        var condition = new FileCondition("affinity", Path, _options, _logger);
        using var journal = Journal(condition, _ => new FaultyRows(() =>
        {
            if (Interlocked.Increment(ref writes) > 3) return;
            throw kind == typeof(Microsoft.Data.Sqlite.SqliteException) ? new Microsoft.Data.Sqlite.SqliteException("full", 13)
                : (Exception)Activator.CreateInstance(kind)!;
        }));
        await journal.StartAsync(Cancelled);
        journal.Note(default);
        await RetryAsync(() => Volatile.Read(ref writes) >= 4);
        await Soon.In(journal.StopAsync(Cancelled));
        Assert.Equal((4, 0L), (writes, condition.Dropped));
        Assert.Equal((1, 1), (_logger.Warnings, _logger.Informations));
    }

    [Fact]
    public async Task RowsBeyondTheBound_TakeTheLongestUnused_AndTheStopSaysHowMany()
    {
        using var gate = new SemaphoreSlim(0);
        var (attempts, written) = (0, new List<AffinityRow>());
        var condition = new FileCondition("affinity", Path, _options, _logger);
        using var journal = Journal(condition, _ => new FaultyRows(() =>
        {
            if (Interlocked.Increment(ref attempts) > 1) return;
            gate.Wait(Cancelled);
            throw new IOException("full");
        }, written.AddRange));
        await journal.StartAsync(Cancelled);
        for (var number = 0; number < 10; number++) journal.Note(Row(number));
        await Soon.In(WrittenFile.UntilAsync(() => Volatile.Read(ref attempts) == 1));
        for (var number = 10; number < 26; number++) journal.Note(Row(number)); // while the file hangs
        gate.Release();
        await Soon.In(WrittenFile.UntilAsync(() => condition.Trouble is not null));
        await Soon.In(journal.StopAsync(Cancelled));
        Assert.Equal(Enumerable.Range(16, 10).Select(number => $"{number}"), written.Select(row => row.Destination));
        Assert.Equal(16, condition.Dropped);
        Assert.Equal(2, _logger.Warnings); // that it fails, and what was lost by it
        journal.Note(Row(26));
        Assert.Equal(17, condition.Dropped);

        static AffinityRow Row(int number) => new(AffinityKey.Of(TenantId.Local, AffinityKind.Thread, $"n{number}"), $"{number}",
            DateTimeOffset.UnixEpoch.AddYears(60).AddSeconds(number));
    }

    /// <summary>Lets the next try come, until one has done it.</summary>
    private Task RetryAsync(Func<bool> isDone) => Soon.UntilAsync(() =>
    {
        if (isDone()) return true;
        _time.Advance(_options.RetryDelayMax);
        return false;
    });

    private async Task StopWhileStuckAsync(FileLoop service, FileCondition condition, Action add)
    {
        for (var number = 0; number < 100; number++) add(); // returns at once
        var stopping = Task.Run(() => service.StopAsync(Cancelled), Cancelled);
        await Soon.In(_time.WhenArmed(_options.FlushTimeMax));
        _time.Advance(_options.FlushTimeMax);
        await Soon.In(stopping);
        Assert.InRange(condition.Dropped, 50, 100);
        Assert.Equal(1, _logger.Warnings);
    }

    private AffinityJournal Journal(FileCondition condition, Func<string, IAffinityFile> open) => new(
        new UpstreamOptions { AffinityWriteDelay = TimeSpan.Zero, AffinityQueueMax = 10 }, condition, open, _time, _meters,
        NullLogger<AffinityJournal>.Instance);

    private sealed class FaultyRows(Action writing, Action<IEnumerable<AffinityRow>>? written = null) : IAffinityFile
    {
        public IReadOnlyList<AffinityRow> Read(DateTimeOffset notBefore, int rowsMax) => [];

        public void Write(IEnumerable<AffinityRow> rows, DateTimeOffset notBefore, int rowsMax)
        {
            writing();
            written?.Invoke(rows);
        }

        public void Dispose()
        {
            // nothing is open
        }
    }
}
