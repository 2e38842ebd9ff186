using Samovar.Chains;
using Samovar.Stores;
using Samovar.Testing.Core;
using Samovar.Tests.Chains;

namespace Samovar.Storage.Tests.Chains;

/// <summary>Chat completions in a file.</summary>
public sealed class SqliteCompletionTests : CompletionConformance
{
    private readonly TestMeters _meters = new();
    private readonly TestFolder _folder = new();
    private StoreHouse _house = null!;

    private protected override async ValueTask<(IChainStore, ICompletionRows)> OpenAsync()
    {
        _house = await StoreHouse.SqliteAsync(_folder.Path);
        return (Durables.Over(_house.Rows, _meters), _house.Completions);
    }

    public override async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _folder.Dispose();
        _meters.Dispose();
    }
}

/// <summary>Chat completions in a database.</summary>
public sealed class PostgresCompletionTests(PostgresFixture postgres) : CompletionConformance
{
    private readonly TestMeters _meters = new();
    private StoreHouse? _house;

    private protected override async ValueTask<(IChainStore, ICompletionRows)> OpenAsync()
    {
        _house = await StoreHouse.PostgresAsync(postgres.ConnectionString());
        return (Durables.Over(_house.Rows, _meters), _house.Completions);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_house is not null) await _house.DisposeAsync();
        _meters.Dispose();
    }
}
