using Samovar.Storage.Chains;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Stores;

namespace Samovar.Storage.Tests.Chains;

public sealed class SqliteChainRowsTests : ChainRowsTests
{
    private readonly TestFolder _folder = new();
    private StoreHouse _house = null!;

    private protected override IChainRows Store => _house.Rows;

    public override async ValueTask InitializeAsync() =>
        _house = await StoreHouse.SqliteAsync(_folder.Path, chains: new StoredChainOptions { PageResponsesMax = 7 });

    public override async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _folder.Dispose();
    }

    private protected override Task AgeAsync(TimeSpan by) => _house.AgeAsync(by);
}

public sealed class MemoryChainRowsTests : ChainRowsTests
{
    private readonly ManualTime _time = new();
    private MemoryChainRows _rows = null!;

    private protected override IChainRows Store => _rows;

    public override ValueTask InitializeAsync()
    {
        _rows = new MemoryChainRows(new MemoryChains(), _time);
        return ValueTask.CompletedTask;
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private protected override Task AgeAsync(TimeSpan by)
    {
        _time.Advance(by);
        return Task.CompletedTask;
    }
}
