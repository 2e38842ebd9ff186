using Samovar.Chains;
using Samovar.Testing.Core;
using Samovar.Tests.Chains;

namespace Samovar.Storage.Tests.Chains;

/// <summary>Responses in a file, read again for every question.</summary>
public sealed class SqliteConformanceTests : ChainStoreConformance
{
    private readonly TestMeters _meters = new();
    private readonly TestFolder _folder = new();
    private StoreHouse _house = null!;

    private protected override async ValueTask<IChainStore> OpenAsync()
    {
        _house = await StoreHouse.SqliteAsync(_folder.Path);
        return new RestartingStore(() => Durables.Over(_house.Rows, _meters));
    }

    public override async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _folder.Dispose();
        _meters.Dispose();
    }
}

/// <summary>Responses in a database, read again for every question.</summary>
public sealed class PostgresConformanceTests(PostgresFixture postgres) : ChainStoreConformance
{
    private readonly TestMeters _meters = new();
    private StoreHouse? _house;

    private protected override async ValueTask<IChainStore> OpenAsync()
    {
        _house = await StoreHouse.PostgresAsync(postgres.ConnectionString());
        return new RestartingStore(() => Durables.Over(_house.Rows, _meters));
    }

    public override async ValueTask DisposeAsync()
    {
        if (_house is not null) await _house.DisposeAsync();
        _meters.Dispose();
    }
}
