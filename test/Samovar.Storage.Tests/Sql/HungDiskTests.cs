using Samovar.Storage.Sql;
using Samovar.Storage.Tests.Chains;
using Samovar.Stores;
using Samovar.Testing;
using static Samovar.Storage.Tests.Chains.Rows;

namespace Samovar.Storage.Tests.Sql;

/// <summary>A disk that neither answers nor fails: calls of the driver do not come back.</summary>
public sealed class HungDiskTests : IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private readonly StoreOptions _options = new()
    {
        CommandTimeMax = TimeSpan.FromSeconds(2), CallTimeMax = TimeSpan.FromSeconds(5), ReadersMax = 3,
        RetryDelayMin = TimeSpan.FromMilliseconds(20), RetryDelayMax = TimeSpan.FromMilliseconds(50),
        CheckpointInterval = TimeSpan.FromMilliseconds(100),
    };
    private HungDisk _disk = null!;
    private StoreHouse _house = null!;

    public async ValueTask InitializeAsync()
    {
        _disk = new HungDisk(new SqliteDatabase(_folder.File, _options, TimeProvider.System));
        _house = await StoreHouse.OpenAsync(_disk, _options);
    }

    public async ValueTask DisposeAsync()
    {
        _disk.Wake();
        await _house.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>None of these calls may keep the thread that makes it: this test has but one.</summary>
    [Fact]
    public async Task ReadsThatHang_EndInTime_AndWhenAllPlacesAreTheirs_NobodyWaitsForOne()
    {
        var row = await _house.Rows.AppendAsync(New());
        _disk.Hang();
        var hung = Enumerable.Range(0, _options.ReadersMax).Select(_ => HungReadAsync()).ToList();
        foreach (var read in hung) await AwayAsync(read);
        for (var i = 0; i < 100; i++)
        {
            var read = _house.Rows.ListAsync(row.Id);
            Assert.True(read.IsCompleted); // refused, not made to wait
            await AwayAsync(read);
        }
        _disk.Wake();
        await ThereAsync(row);
        await Task.WhenAll(Enumerable.Range(0, 3 * _options.ReadersMax).Select(_ => _house.Rows.ListAsync(row.Id)));
    }

    [Fact]
    public async Task ReadThatHangs_KeepsOneReaderOnly()
    {
        var row = await _house.Rows.AppendAsync(New());
        _disk.Hang();
        await AwayAsync(HungReadAsync());
        Assert.Null(_house.Store.Trouble); // it took too long itself; others are refused nothing
        Assert.Single(await _house.Rows.ListAsync(row.Id));
        var cancelled = new CancellationTokenSource();
        var leaving = _house.Store.ReadAsync(Hang, cancelled.Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon.In(leaving));
        Assert.Single(await _house.Rows.ListAsync(row.Id));
    }

    [Fact]
    public async Task WriteThatHangs_EndsInTime_LaterOnesAreRefusedAtOnce_AndReadsGoOn()
    {
        var row = await _house.Rows.AppendAsync(New());
        _disk.Hang();
        await AwayAsync(HungWriteAsync());
        while (_house.Store.Trouble is null) await Task.Delay(5, Soon.Token);
        await Assert.ThrowsAsync<StoreAwayException>(async () => await _house.Rows.RequireAsync(Soon.Token));
        var append = _house.Rows.AppendAsync(New(row) with { Claim = new ChainClaim(1) }, Soon.Token).AsTask();
        Assert.True(append.IsCompleted);
        await AwayAsync(append);
        Assert.Single(await _house.Rows.ListAsync(row.Id));
        _disk.Wake();
        await BackAsync();
        var next = await _house.Rows.AppendAsync(New(row));
        Assert.Equal(2, (await _house.Rows.ListAsync(next.Id)).Count);
    }

    /// <summary>Each try would keep a thread for good.</summary>
    [Fact]
    public async Task DiskThatHangs_IsNotTriedAgain_BeforeItHasAnswered()
    {
        var opened = _disk.WritersOpened;
        _disk.Hang();
        await AwayAsync(HungWriteAsync());
        for (var tries = 0; tries < 10; tries++)
        {
            await Task.Delay(_options.RetryDelayMax, Soon.Token);
            Assert.NotNull(_house.Store.Trouble);
        }
        Assert.Equal(opened, _disk.WritersOpened);
        _disk.Wake();
        await BackAsync();
    }

    [Fact]
    public async Task Store_ThatIsClosedWhileItsDiskHangs_EndsInTime()
    {
        _disk.Hang();
        var write = HungWriteAsync();
        var read = HungReadAsync();
        await Soon.In(_house.DisposeAsync().AsTask());
        await AwayAsync(write);
        await AwayAsync(read);
    }

    [Fact]
    public async Task Store_WhoseDiskHangsFromTheStart_HoldsUpNobody()
    {
        using var folder = new TestFolder();
        var disk = new HungDisk(new SqliteDatabase(folder.File, _options, TimeProvider.System));
        disk.Hang();
        await using var house = await Soon.In(StoreHouse.OpenAsync(disk, _options));
        await AwayAsync(house.Rows.AppendAsync(New()));
        disk.Wake();
        while (house.Store.Trouble is not null) await Task.Delay(10, Soon.Token);
        await house.Rows.AppendAsync(New());
    }

    private Task<int> HungReadAsync() => _house.Store.ReadAsync(Hang, Soon.Token);

    private Task<int> Hang(SqlSession session, CancellationToken deadline)
    {
        _disk.Pass();
        return Task.FromResult(0);
    }

    private Task<int[]> HungWriteAsync() =>
        _house.Store.WriteAsync([new SqlStatement("UPDATE samovar_schema SET version = version WHERE disk() = 1")], 0, Soon.Token);

    private static Task<StoreAwayException> AwayAsync(Task call) => Assert.ThrowsAsync<StoreAwayException>(() => Soon.In(call));

    private async Task BackAsync()
    {
        while (_house.Store.Trouble is not null) await Task.Delay(10, Soon.Token);
    }

    private async Task ThereAsync(ChainRow row)
    {
        while (true)
        {
            try
            {
                await _house.Rows.ListAsync(row.Id);
                return;
            }
            catch (StoreAwayException)
            {
                await Task.Delay(10, Soon.Token);
            }
        }
    }
}
