using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Samovar.Protocol.Ids;
using Samovar.Storage;
using Samovar.Storage.Chains;
using Samovar.Storage.Sql;
using Samovar.Stores;

namespace Samovar.Bench.Workloads.Stores;

/// <summary>A store as the server puts it together.</summary>
internal sealed class MeasuredStore : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly StoreOptions _options;
    private readonly string _folder;

    public MeasuredStore(StoreOptions options, string folder)
    {
        (_options, _folder) = (options, folder);
        _services = new ServiceCollection()
            .AddLogging().AddMetrics().AddSingleton(TimeProvider.System).AddSingleton<IdSource>()
            .AddSingleton(options).AddSingleton(new StoredChainOptions())
            .AddStorage(_ => folder)
            .BuildServiceProvider();
    }

    public string Name => _options.Place == StoreKind.Postgres ? "PostgreSQL" : "SQLite";
    public IChainRows Rows => _services.GetRequiredService<IChainRows>();

    public async Task StartAsync()
    {
        foreach (var service in _services.GetServices<IHostedService>()) await service.StartAsync(CancellationToken.None);
        await Rows.RequireAsync(CancellationToken.None);
    }

    /// <summary>Of all that is stored, once the log is in the file.</summary>
    public async Task<long> BytesAsync()
    {
        if (_options.Place == StoreKind.Postgres) return await PostgresBytesAsync();
        var file = Path.Combine(_folder, StorageServices.FileName);
        for (var tries = 0; tries < 100 && new FileInfo(file + "-wal") is { Exists: true, Length: > 0 }; tries++) await Task.Delay(100);
        return new FileInfo(file).Length;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in _services.GetServices<IHostedService>()) await service.StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
    }

    private async Task<long> PostgresBytesAsync()
    {
        await using var connection = new NpgsqlConnection(_options.ConnectionString);
        await connection.OpenAsync();
        const string text = "SELECT CAST(sum(pg_total_relation_size(c.oid)) AS BIGINT) FROM pg_class c " +
            "WHERE c.relnamespace = 'samovar'::regnamespace AND c.relkind = 'r'";
        await using var command = new NpgsqlCommand(text, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
