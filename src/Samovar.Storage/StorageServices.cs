using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Samovar.Protocol.Ids;
using Samovar.Storage.Chains;
using Samovar.Storage.Conversations;
using Samovar.Storage.Nodes;
using Samovar.Storage.Quotas;
using Samovar.Storage.Running;
using Samovar.Storage.Sql;
using Samovar.Stores;

namespace Samovar.Storage;

/// <summary>What is stored beyond the process: the database that the options name, and what is kept in it.</summary>
internal static class StorageServices
{
    /// <summary>The name of the file in the data folder.</summary>
    public const string FileName = "store.db";

    /// <summary>The tables of all rooms; a database that several servers may share has their own, too.</summary>
    public static IReadOnlyList<SchemaRoom> RoomsOf(ISqlDatabase database) =>
    [
        ChainSchema.Room, RunningSchema.Room, ConversationSchema.Room,
        .. database.IsShared ? [NodeSchema.Room, QuotaSchema.Room] : (SchemaRoom[])[],
    ];

    /// <summary>
    /// Adds <see cref="IChainRows"/>, <see cref="IConversationRows"/>, <see cref="ICompletionRows"/>, <see cref="IRunningRows"/>,
    /// <see cref="IQuotaRows"/> and what opens and closes them; in PostgreSQL <see cref="ITreeRows"/> and <see cref="INodeRows"/>, too,
    /// which connects at its first call. A node of several has <see cref="ICurrentLife"/> among its services. Wants
    /// <see cref="StoreOptions"/> (not of the memory kind), <see cref="StoredChainOptions"/>, <see cref="TimeProvider"/>,
    /// <see cref="IdSource"/> and <see cref="ProcessName"/>.
    /// </summary>
    /// <param name="dataPath">The data folder.</param>
    public static IServiceCollection AddStorage(this IServiceCollection services, Func<IServiceProvider, string> dataPath) => services
        .AddSingleton<StoreMetrics>()
        .AddSingleton(provider => Store(provider, Database(provider, dataPath)))
        .AddSingleton(provider => new ChainTexts(provider.GetRequiredService<SqlStore>().Dialect))
        .AddSingleton<TenantTotals>()
        .AddSingleton<KnownPieces>()
        .AddSingleton<ChainCleanup>()
        .AddSingleton<IChainRows>(provider => new SqlChainRows(
            provider.GetRequiredService<SqlStore>(),
            provider.GetRequiredService<ChainTexts>(),
            provider.GetRequiredService<TenantTotals>(),
            provider.GetRequiredService<KnownPieces>(),
            provider.GetRequiredService<StoredChainOptions>(),
            provider.GetRequiredService<IdSource>().Next(),
            provider.GetService<ICurrentLife>() is { } life ? new NodeClaims(life, provider.GetRequiredService<ITreeRows>()) : null))
        .AddSingleton<ITreeRows, SqlTreeRows>()
        .AddSingleton<INodeRows>(NodeRows)
        .AddSingleton<IRunningRows, SqlRunningRows>()
        .AddSingleton<ICompletionRows, SqlCompletionRows>()
        .AddSingleton<IQuotaRows, SqlQuotaRows>()
        .AddSingleton<IConversationRows>(provider => new SqlConversationRows(
            provider.GetRequiredService<SqlStore>(),
            provider.GetRequiredService<ChainTexts>(),
            provider.GetRequiredService<ProcessName>().Value))
        .AddSingleton<IHostedService, StorageService>();

    private static PostgresNodeRows NodeRows(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<StoreOptions>();
        return options.Place == StoreKind.Postgres ? new PostgresNodeRows(PostgresAddress.Of(options), options.CommandTimeMax)
            : throw new InvalidOperationException("Nodes share a store in PostgreSQL alone.");
    }

    private static SqlStore Store(IServiceProvider provider, ISqlDatabase database) => new(
        database,
        RoomsOf(database),
        provider.GetRequiredService<StoreOptions>(),
        provider.GetRequiredService<TimeProvider>(),
        provider.GetRequiredService<StoreMetrics>(),
        provider.GetRequiredService<ILogger<SqlStore>>());

    private static ISqlDatabase Database(IServiceProvider provider, Func<IServiceProvider, string> dataPath)
    {
        var options = provider.GetRequiredService<StoreOptions>();
        return options.Place switch
        {
            StoreKind.Postgres => new PostgresDatabase(PostgresAddress.Of(options), options),
            StoreKind.Sqlite => new SqliteDatabase(
                Path.Combine(dataPath(provider), FileName), options, provider.GetRequiredService<TimeProvider>()),
            _ => throw new InvalidOperationException("A store in memory has no database."),
        };
    }
}
