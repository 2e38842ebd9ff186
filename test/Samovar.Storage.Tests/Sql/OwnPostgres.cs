using Samovar.Storage.Sql;
using Samovar.Testing.Stores;

namespace Samovar.Storage.Tests.Sql;

/// <summary>A PostgreSQL for each test, which may break it, and a store that waits for it a short while only.</summary>
public abstract class OwnPostgres : IAsyncLifetime
{
    private PostgresServer? _server;

    private protected StoreOptions Options { get; } = new()
    {
        CommandTimeMax = TimeSpan.FromSeconds(4), ConnectTimeMax = TimeSpan.FromSeconds(4), CallTimeMax = TimeSpan.FromSeconds(8),
        RetryDelayMin = TimeSpan.FromMilliseconds(50), RetryDelayMax = TimeSpan.FromMilliseconds(200),
    };

    private protected PostgresServer Server => _server!;

    public async ValueTask InitializeAsync()
    {
        (_server, var reason) = await PostgresServer.TryStartAsync();
        Assert.SkipWhen(_server is null, reason);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected Task<StoreHouse> OpenAsync(int? port = null) =>
        StoreHouse.PostgresAsync(Server.ConnectionString("samovar", port), Options);
}
