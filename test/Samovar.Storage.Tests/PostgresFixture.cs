using Samovar.Storage.Tests;
using Samovar.Testing.Stores;

[assembly: AssemblyFixture(typeof(PostgresFixture))]

namespace Samovar.Storage.Tests;

/// <summary>One PostgreSQL for all tests that only read and write; each takes a schema of its own.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private PostgresServer? _server;
    private string _reason = "";
    private int _schemas;

    public async ValueTask InitializeAsync() => (_server, _reason) = await PostgresServer.TryStartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
    }

    /// <summary>Skips the test where the machine has no PostgreSQL.</summary>
    internal string ConnectionString()
    {
        Assert.SkipWhen(_server is null, _reason);
        return _server.ConnectionString($"test_{Interlocked.Increment(ref _schemas)}");
    }
}
