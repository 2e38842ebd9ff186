using System.Globalization;
using System.Net.Sockets;
using Npgsql;
using Samovar.Stores;

namespace Samovar.Storage.Sql;

/// <summary>A PostgreSQL database, or one schema of it, that several servers may share.</summary>
internal sealed class PostgresDatabase : ISqlDatabase
{
    /// <summary>A commit waits for the disk, whatever the database's own setting; a stricter one stays.</summary>
    private static readonly SqlStatement Durable = new(
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'");

    /// <summary>
    /// The server of a stopped process waits for its next word, and keeps what its transaction has changed from all others. Later versions
    /// can end the whole transaction, one whose statements came by halves included.
    /// </summary>
    private const string Bounds = """
        SELECT set_config(s.name, s.value, false) FROM (VALUES ('lock_timeout', @lock),
          ('idle_in_transaction_session_timeout', @idle), ('transaction_timeout', @whole)) AS s (name, value)
        JOIN pg_catalog.pg_settings p ON p.name = s.name
        """;
    private const int HurriedPart = 20; // of the usual patience
    private const string IdleTransaction = "25P03", LongTransaction = "25P04"; // what is said when they end one
    private readonly NpgsqlDataSource _source;
    private readonly SqlStatement _bounds;
    private readonly string _schema;

    public PostgresDatabase(PostgresAddress address, StoreOptions options)
    {
        (_schema, Name) = (address.Schema, address.Name);
        _bounds = new(Bounds, ("@lock", Milliseconds(options.LockTimeMax)), ("@idle", Milliseconds(options.IdleTransactionMax)),
            ("@whole", Milliseconds(options.CommandTimeMax)));
        Hurry = new("SELECT set_config('lock_timeout', @lock, true)", ("@lock", Milliseconds(options.LockTimeMax / HurriedPart)));
        var source = new NpgsqlDataSourceBuilder(address.ConnectionString);
        source.ConnectionStringBuilder.IncludeFailedBatchedCommand = true; // else nobody knows which write of a group was at fault
        _source = source.Build();
    }

    public string Name { get; }
    public SqlDialect Dialect => SqlDialect.Postgres;
    public bool IsShared => true;
    public SqlStatement? Hurry { get; }

    public async ValueTask<SqlSession> OpenWriterAsync(CancellationToken deadline)
    {
        var session = await OpenReaderAsync(deadline);
        try
        {
            var schema = new SqlStatement("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = @schema", ("@schema", _schema));
            if (await session.ScalarAsync(schema, deadline) is null) // who may not create one can still use one that is there
                await CreateSchemaAsync(session, deadline);
            await session.ScalarAsync(Durable, deadline);
            await session.ScalarAsync(_bounds, deadline);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    public async ValueTask<SqlSession> OpenReaderAsync(CancellationToken deadline) =>
        new(await _source.OpenConnectionAsync(deadline), TimeSpan.Zero); // the token alone ends a command: see Abandoned

    public ValueTask CloseReaderAsync(SqlSession session, ReaderEnd end)
    {
        if (end == ReaderEnd.Broken) _source.Clear(); // a database that was started again leaves dead connections behind
        return session.DisposeAsync();
    }

    public SqlFault FaultOf(Exception exception) => exception switch
    {
        PostgresException postgres => FaultOf(postgres.SqlState),
        NpgsqlException or IOException or SocketException or TimeoutException or OperationCanceledException => SqlFault.Away,
        ObjectDisposedException or StoreAwayException or StoreRefusedException => SqlFault.Away,
        InvalidOperationException { Source: "Npgsql" } => SqlFault.Away, // the connection broke before
        _ => SqlFault.Own,
    };

    public bool IsTakenBack(Exception exception) =>
        exception is PostgresException { SqlState: IdleTransaction };

    public Task<T> RunAsync<T>(SqlWork kind, Func<Task<T>> work) => work(); // its driver waits without a thread

    public Task MaintainAsync(CancellationToken nodeStopping) => Task.CompletedTask; // it keeps itself in order

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private async Task CreateSchemaAsync(SqlSession session, CancellationToken deadline)
    {
        try
        {
            await session.ExecuteAsync(
                new($"CREATE SCHEMA IF NOT EXISTS {new NpgsqlCommandBuilder().QuoteIdentifier(_schema)}"), deadline);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // another server has made it at the same moment
        }
    }

    private static SqlFault FaultOf(string state) => state switch
    {
        PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.ForeignKeyViolation
            => SqlFault.Conflict,
        PostgresErrorCodes.LockNotAvailable => SqlFault.Held,
        PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted => SqlFault.Damaged,
        PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.UndefinedTable
            or PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.InvalidSchemaName
            or PostgresErrorCodes.StatementCompletionUnknown or IdleTransaction or LongTransaction => SqlFault.Away,
        // connections, resources, an operator's hand (a restart, a command that took too long), the system, authorization
        _ => state[..2] is "08" or "53" or "57" or "58" or "28" or "XX" ? SqlFault.Away : SqlFault.Own,
    };

    private static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
