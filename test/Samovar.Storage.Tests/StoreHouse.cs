using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Protocol.Ids;
using Samovar.Storage.Chains;
using Samovar.Storage.Conversations;
using Samovar.Storage.Nodes;
using Samovar.Storage.Running;
using Samovar.Storage.Sql;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Core;

namespace Samovar.Storage.Tests;

/// <summary>A store on a database, put together as the server does it.</summary>
internal sealed class StoreHouse : IStoredQuotas, IAsyncDisposable
{
    private readonly TestMeters _meters = new();
    private readonly TenantTotals _totals;

    private StoreHouse(ISqlDatabase database, StoreOptions options, StoredChainOptions chains, ICurrentLife? life, ILogger<SqlStore> logger)
    {
        var time = TimeProvider.System;
        Store = new SqlStore(database, StorageServices.RoomsOf(database), options, time, new StoreMetrics(_meters), logger);
        var texts = new ChainTexts(database.Dialect);
        var totals = _totals = new TenantTotals(Store, texts, chains, time, this);
        var pieces = new KnownPieces(chains);
        Incarnation = Incarnation.New(new IdSource());
        var node = life is null ? null : new NodeClaims(life, Trees);
        Rows = new SqlChainRows(Store, texts, totals, pieces, chains, Incarnation.Value, node);
        Cleanup = new ChainCleanup(Store, texts, totals, pieces, chains, time, NullLogger<ChainCleanup>.Instance);
        Conversations = new SqlConversationRows(Store, texts, Process.Value);
        Completions = new SqlCompletionRows(Store, chains);
    }

    public SqlStore Store { get; }

    /// <summary>Tenants that have a quota of bytes.</summary>
    public Dictionary<TenantId, long> Quotas { get; } = [];

    /// <summary>The owner of the trees that it takes.</summary>
    public Incarnation Incarnation { get; }
    public ProcessName Process { get; } = new(new IdSource());
    public SqlTreeRows Trees => new(Store);
    public SqlChainRows Rows { get; }
    public SqlRunningRows Running => new(Store);
    public SqlConversationRows Conversations { get; }
    public SqlCompletionRows Completions { get; }
    public ChainCleanup Cleanup { get; }
    public LineLogger<SqlStore> Lines { get; private init; } = new();

    public static Task<StoreHouse> SqliteAsync(string folder, StoreOptions? options = null, StoredChainOptions? chains = null)
    {
        options ??= new StoreOptions();
        return OpenAsync(new SqliteDatabase(Path.Combine(folder, StorageServices.FileName), options, TimeProvider.System), options, chains);
    }

    /// <param name="life">Of one that is a node among several.</param>
    public static Task<StoreHouse> PostgresAsync(
        string connectionString, StoreOptions? options = null, StoredChainOptions? chains = null, ICurrentLife? life = null)
    {
        options ??= new StoreOptions();
        (options.Kind, options.ConnectionString) = ("postgres", connectionString);
        return OpenAsync(new PostgresDatabase(PostgresAddress.Of(options), options), options, chains, life);
    }

    public static async Task<StoreHouse> OpenAsync(
        ISqlDatabase database, StoreOptions options, StoredChainOptions? chains = null, ICurrentLife? life = null)
    {
        var lines = new LineLogger<SqlStore>();
        var house = new StoreHouse(database, options, chains ?? new StoredChainOptions(), life, lines) { Lines = lines };
        try
        {
            await house.Store.StartAsync(Soon.Token);
            return house;
        }
        catch
        {
            await house.DisposeAsync();
            throw;
        }
    }

    public long? StoredBytesOf(TenantId tenant) => Quotas.TryGetValue(tenant, out var bytes) ? bytes : null;

    /// <summary>Makes everything older than it is.</summary>
    public Task AgeAsync(TimeSpan by) => ExecuteAsync(
        "UPDATE chain_tree SET used_at = used_at - @by", ("@by", (long)by.TotalMilliseconds));

    public Task ExecuteAsync(string text, params (string, object)[] values) =>
        Store.WriteAsync([new SqlStatement(text, values)], 0, Soon.Token);

    public Task<long> CountAsync(string table) => Store.ReadAsync(async (session, deadline) =>
        (long)(await session.ScalarAsync(new($"SELECT count(*) FROM {table}"), deadline))!, Soon.Token);

    /// <summary>Trees that do not count what they have.</summary>
    public Task<long> MiscountedAsync() => CountAsync("""
        chain_tree t WHERE t.bytes <> (SELECT coalesce(sum(r.size), 0) FROM chain_row r WHERE r.tree = t.seq)
          OR t.responses <> (SELECT count(*) FROM chain_row r WHERE r.tree = t.seq AND (r.deleted = 0 OR r.kind = 2))
        """);

    public async ValueTask DisposeAsync()
    {
        await Cleanup.DisposeAsync();
        await _totals.DisposeAsync();
        await Store.DisposeAsync();
        _meters.Dispose();
    }
}

/// <summary>A folder that ends with the test.</summary>
internal sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("samovar-store-").FullName;
    public string File => System.IO.Path.Combine(Path, StorageServices.FileName);

    /// <summary>Does something to the file, as another program would.</summary>
    public void Execute(string text)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100
        command.CommandText = text;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
