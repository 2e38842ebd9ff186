using System.Data;
using Microsoft.Data.Sqlite;
using Samovar.Storage.Sql;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Core;

namespace Samovar.Storage.Tests.Sql;

/// <summary>Writes that travel together.</summary>
public sealed class GroupWriterTests : IAsyncLifetime
{
    private static readonly SchemaRoom Room = new("tea", "CREATE TABLE tea (name TEXT PRIMARY KEY)");
    private readonly TestFolder _folder = new();
    private readonly TestMeters _meters = new();
    private readonly StoreOptions _options = new() { WaitingMax = 100, WaitingBytesMax = 1 << 20 };
    private StoreCondition _condition = null!;
    private SqliteDatabase _database = null!;
    private GroupWriter _writer = null!;

    public ValueTask InitializeAsync()
    {
        _database = new SqliteDatabase(_folder.File, _options, TimeProvider.System);
        _condition = new StoreCondition("tea", _options, TimeProvider.System, new LineLogger<GroupWriter>());
        _writer = New(_database);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        await _database.DisposeAsync();
        _meters.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task WritesThatWait_AreOneTransaction()
    {
        var writes = Enumerable.Range(0, 50).Select(i => Add($"tea {i}")).ToList();
        await RunAsync();
        Assert.All(writes, write => Assert.Equal([1], write.Done.Result));
        Assert.Equal(50L, await CountAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(17)]
    [InlineData(49)]
    public async Task BadWrite_FailsAlone(int bad)
    {
        var writes = Enumerable.Range(0, 50)
            .Select(i => i == bad ? Add("before the bad one", null!) : Add($"tea {i}")).ToList();
        await RunAsync();
        Assert.All(writes.Where((_, i) => i != bad), write => Assert.Equal([1], write.Done.Result));
        await Assert.ThrowsAsync<SqliteException>(() => writes[bad].Done);
        Assert.Equal(49L, await CountAsync()); // nothing of it stayed
    }

    [Fact]
    public async Task WriteThatIsHeldByAnother_FailsAlone_ThoughOneBeforeItWasBad()
    {
        _writer = New(new HeldDatabase(_database));
        var bad = Add((string)null!);
        var before = Add("Assam");
        var held = Add(HeldDatabase.Table);
        var behind = Enumerable.Range(0, 5).Select(i => Add($"tea {i}")).ToList();
        await RunAsync();
        await Assert.ThrowsAsync<SqliteException>(() => bad.Done);
        await Assert.ThrowsAsync<StoreAwayException>(() => Soon.In(held.Done));
        Assert.All([before, .. behind], write => Assert.Equal([1], write.Done.Result));
        Assert.Equal(6L, await CountAsync());
    }

    [Fact]
    public async Task WriteThatIsHeld_LeavesLittlePatience_ToTheOthersOfItsGroup()
    {
        var hurry = new SqlStatement("INSERT INTO tea (name) VALUES ('in a hurry')");
        _writer = New(new HeldDatabase(_database) { Hurry = hurry });
        Add("Assam");
        var held = Add(HeldDatabase.Table);
        await RunAsync();
        await Assert.ThrowsAsync<StoreAwayException>(() => Soon.In(held.Done));
        Assert.Equal(2L, await CountAsync()); // said once: with the group that was left
    }

    [Fact]
    public async Task ConnectionOfAWriteThatIsHeld_IsClosed_WhereNobodyWaitsForItAnyMore()
    {
        using var mayGoOn = new ManualResetEventSlim();
        var reached = new TaskCompletionSource();
        var time = new ManualTime();
        var database = new HeldDatabase(_database)
        {
            OnHeld = () =>
            {
                reached.TrySetResult();
                mayGoOn.Wait(Soon.Token);
            },
        };
        var abandoned = new AbandonedWork(new LineLogger<GroupWriter>());
        _writer = New(database, abandoned, time);
        Assert.True(await _writer.TryOpenAsync(Soon.Token));
        var held = Add(HeldDatabase.Table);
        _writer.End();
        var running = _writer.RunAsync(CancellationToken.None);
        await Soon.In(reached.Task);
        await PassAsync(time, held);
        await Assert.ThrowsAsync<StoreAwayException>(() => held.Done);
        mayGoOn.Set();
        await Soon.In(running);
        await Soon.In(abandoned.IdleAsync());
        Assert.Equal(ConnectionState.Closed, database.Writer!.Connection.State);
    }

    /// <summary>What is too much for one transaction says nothing of the store.</summary>
    [Fact]
    public async Task GroupThatTakesTooLong_IsWrittenByHalves()
    {
        var (time, disk, abandoned) = (new ManualTime(), new HungDisk(_database), new AbandonedWork(new LineLogger<GroupWriter>()));
        _writer = New(disk, abandoned, time);
        Assert.True(await _writer.TryOpenAsync(Soon.Token));
        disk.Hang();
        var slow = new PendingWrite([new("UPDATE samovar_schema SET version = version WHERE disk() = 1"), new("DELETE FROM tea")], 1000);
        Assert.True(_writer.TryAdd(slow));
        var others = Enumerable.Range(0, 3).Select(i => Add($"tea {i}", $"more {i}")).ToList();
        _writer.End();
        var running = _writer.RunAsync(CancellationToken.None);
        await Soon.UntilAsync(() => disk.Hung > 0);
        time.Advance(_options.WriteTimeMax); // and nothing of the look behind it
        await Soon.UntilAsync(() => abandoned.Count > 0);
        disk.Wake();
        await Soon.In(running);
        Assert.All(others, write => Assert.Equal([1, 1], write.Done.Result));
        Assert.True(slow.Done.IsCompletedSuccessfully);
        Assert.Null(_condition.Trouble);
    }

    /// <summary>What is too much for any transaction says no more of it.</summary>
    [Fact]
    public async Task WriteThatTakesTooLong_FailsAlone_AndTheStoreIsThere()
    {
        var (time, disk, abandoned) = (new ManualTime(), new HungDisk(_database), new AbandonedWork(new LineLogger<GroupWriter>()));
        _writer = New(disk, abandoned, time);
        Assert.True(await _writer.TryOpenAsync(Soon.Token));
        disk.Hang();
        var slow = new PendingWrite([new("UPDATE samovar_schema SET version = version WHERE disk() = 1"), new("nothing that can be")], 0);
        Assert.True(_writer.TryAdd(slow));
        var running = _writer.RunAsync(CancellationToken.None);
        await Soon.UntilAsync(() => disk.Hung > 0);
        var behind = Add("Assam");
        time.Advance(_options.WriteTimeMax);
        await Soon.UntilAsync(() => abandoned.Count > 0);
        disk.Wake(); // and is broken off
        await Assert.ThrowsAsync<StoreAwayException>(() => Soon.In(slow.Done));
        Assert.Equal(1, Assert.Single(await Soon.In(behind.Done)));
        Assert.Null(_condition.Trouble);
        _writer.End();
        await Soon.In(running);
    }

    [Fact]
    public async Task GroupThatHangs_Fails_AndTheStoreIsAway()
    {
        var (time, disk) = (new ManualTime(), new HungDisk(_database));
        _writer = New(disk, new(new LineLogger<GroupWriter>()), time);
        Assert.True(await _writer.TryOpenAsync(Soon.Token));
        disk.Hang();
        var slow = new PendingWrite([new("UPDATE samovar_schema SET version = version WHERE disk() = 1")], 0);
        Assert.True(_writer.TryAdd(slow));
        var other = Add("Assam");
        using var stopping = new CancellationTokenSource();
        var running = _writer.RunAsync(stopping.Token);
        await Soon.UntilAsync(() => disk.Hung > 0);
        await PassAsync(time, other);
        foreach (var write in (PendingWrite[])[slow, other]) await Assert.ThrowsAsync<StoreAwayException>(() => write.Done);
        Assert.NotNull(_condition.Trouble);
        disk.Wake();
        stopping.Cancel();
        _writer.End();
        await Soon.In(running);
    }

    [Fact]
    public async Task LookThatIsHeld_LeavesTheLoopAtWork()
    {
        _options.BatchMax = 3;
        _writer = New(new HeldDatabase(_database));
        Assert.True(await _writer.TryOpenAsync(Soon.Token));
        await using (var holder = await _database.OpenWriterAsync(Soon.Token))
            await holder.ExecuteAsync(
                new($"CREATE TRIGGER held BEFORE UPDATE ON samovar_schema BEGIN {HeldDatabase.Hold} END"), Soon.Token);
        var looks = Enumerable.Range(0, _options.BatchMax).Select(_ => Add()).ToList(); // a group of nothing else
        var write = Add("Assam");
        _writer.End();
        await Soon.In(_writer.RunAsync(CancellationToken.None));
        foreach (var look in looks) await Assert.ThrowsAsync<StoreAwayException>(() => look.Done);
        Assert.Equal(1, Assert.Single(await write.Done));
    }

    [Fact]
    public async Task Writes_OfTheSameKey_FailButOne()
    {
        var writes = Enumerable.Range(0, 20).Select(_ => Add("Assam")).ToList();
        await RunAsync();
        Assert.Single(writes, write => write.Done.IsCompletedSuccessfully);
        Assert.Equal(1L, await CountAsync());
    }

    [Fact]
    public void TooManyThatWait_AreRefused()
    {
        for (var i = 0; i < _options.WaitingMax; i++) Assert.True(_writer.TryAdd(new PendingWrite([], 0)));
        Assert.False(_writer.TryAdd(new PendingWrite([], 0)));
    }

    [Fact]
    public void TooManyBytesThatWait_AreRefused()
    {
        Assert.True(_writer.TryAdd(new PendingWrite([], _options.WaitingBytesMax)));
        Assert.False(_writer.TryAdd(new PendingWrite([], 1)));
    }

    [Fact]
    public async Task WriteWhoseCallerHasGone_IsNotMade()
    {
        var write = Add("Assam");
        Assert.True(write.TryTake()); // as its caller does when its time is over
        Add("Darjeeling");
        await RunAsync();
        Assert.False(write.Done.IsCompleted);
        Assert.Equal(1L, await CountAsync());
    }

    [Fact]
    public async Task WritesOfAStoreThatIsAway_FailAtOnce()
    {
        Directory.CreateDirectory(_folder.File); // no file can be there
        var writes = Enumerable.Range(0, 5).Select(i => Add($"tea {i}")).ToList();
        using var stopping = new CancellationTokenSource();
        var running = _writer.RunAsync(stopping.Token);
        foreach (var write in writes) await Assert.ThrowsAsync<StoreAwayException>(() => Soon.In(write.Done));
        Assert.NotNull(_condition.Trouble);
        Directory.Delete(_folder.File);
        while (_condition.Trouble is not null) await Task.Delay(10, Soon.Token);
        Assert.Equal(1, (await Soon.In(Add("Assam").Done))[0]);
        _writer.End();
        await running;
    }

    private GroupWriter New(ISqlDatabase database) => New(database, new(new LineLogger<GroupWriter>()), TimeProvider.System);

    private GroupWriter New(ISqlDatabase database, AbandonedWork abandoned, TimeProvider time) => new(
        database, new SchemaVersions(database.Dialect, [Room]), _condition, abandoned, _options, time, new StoreMetrics(_meters));

    private PendingWrite Add(params string[] names)
    {
        var write = new PendingWrite(
            [.. names.Select(name => name is null or HeldDatabase.Table
                ? new SqlStatement($"INSERT INTO {name ?? "nowhere"} VALUES (1)")
                : new SqlStatement("INSERT INTO tea (name) VALUES (@name)", ("@name", name)))],
            bytes: 10);
        Assert.True(_writer.TryAdd(write));
        return write;
    }

    /// <summary>Its time passes, and that of a look.</summary>
    private async Task PassAsync(ManualTime time, PendingWrite write)
    {
        for (var late = Soon.Token; !write.Done.IsCompleted; await Task.Yield())
        {
            late.ThrowIfCancellationRequested();
            time.Advance(_options.LookTimeMax);
        }
    }

    private async Task RunAsync()
    {
        Assert.True(await _writer.TryOpenAsync(Soon.Token));
        _writer.End();
        await Soon.In(_writer.RunAsync(CancellationToken.None));
    }

    private async Task<object?> CountAsync()
    {
        await using var session = await _database.OpenReaderAsync(Soon.Token);
        return await session.ScalarAsync(new("SELECT count(*) FROM tea"), Soon.Token);
    }
}
