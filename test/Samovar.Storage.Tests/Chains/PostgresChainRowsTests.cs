using Samovar.Storage.Chains;
using Samovar.Stores;

namespace Samovar.Storage.Tests.Chains;

public sealed class PostgresChainRowsTests(PostgresFixture postgres) : ChainRowsTests
{
    private StoreHouse _house = null!;

    private protected override IChainRows Store => _house.Rows;

    public override async ValueTask InitializeAsync() => _house = await StoreHouse.PostgresAsync(
        postgres.ConnectionString(), chains: new StoredChainOptions { PageResponsesMax = 7 });

    public override async ValueTask DisposeAsync()
    {
        if (_house is not null) await _house.DisposeAsync();
    }

    private protected override Task AgeAsync(TimeSpan by) => _house.AgeAsync(by);
}
