using Samovar.Storage.Chains;
using Samovar.Storage.Sql;
using Samovar.Storage.Tests.Sql;
using Samovar.Stores;
using Samovar.Testing;
using static Samovar.Storage.Tests.Chains.Rows;

namespace Samovar.Storage.Tests.Chains;

/// <summary>How a tenant's totals come to be known while its turns end.</summary>
public sealed class TenantTotalsTests : IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private WatchedReads _reads = null!;
    private StoreHouse _house = null!;

    public async ValueTask InitializeAsync()
    {
        var options = new StoreOptions();
        _reads = new WatchedReads(new SqliteDatabase(_folder.File, options, TimeProvider.System));
        _house = await StoreHouse.OpenAsync(_reads, options, new StoredChainOptions { TotalsAgeMax = TimeSpan.Zero });
    }

    public async ValueTask DisposeAsync()
    {
        _reads.Release();
        await _house.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task TurnsThatEndAtOnce_AreCountedForTogether()
    {
        _reads.Hold();
        var appends = Enumerable.Range(0, 100).Select(_ => _house.Rows.AppendAsync(New())).ToList();
        await Soon.UntilAsync(() => _reads.Count > 0);
        _reads.Release();
        await Soon.In(Task.WhenAll(appends));
        Assert.Equal(2, _reads.Count); // trees and pieces
    }

    [Fact]
    public async Task Turn_DoesNotWait_WhileItsTenantIsCountedAgain()
    {
        await _house.Rows.AppendAsync(New());
        await _house.Cleanup.CleanAsync(Soon.Token);
        var before = _reads.Count;
        _reads.Hold();
        await Soon.In(_house.Rows.AppendAsync(New()));
        await Soon.In(_house.Rows.AppendAsync(New()));
        await Soon.UntilAsync(() => _reads.Count > before);
        Assert.Equal(before + 1, _reads.Count);
    }

    /// <summary>However many it deletes and stores while it is counted.</summary>
    [Fact]
    public async Task TenantThatDeletesAndStores_IsCountedToAnEnd()
    {
        var rows = new List<ChainRow>();
        for (var i = 0; i < 20; i++) rows.Add(await _house.Rows.AppendAsync(New()));
        await _house.Cleanup.CleanAsync(Soon.Token);
        await Task.WhenAll(rows.Select(async row =>
        {
            await _house.Rows.DeleteAsync(Tea, row.Id, Soon.Token);
            await _house.Rows.AppendAsync(New());
        }));
        Assert.Equal(20, await _house.CountAsync("chain_row"));
    }
}
