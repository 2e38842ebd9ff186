using System.Data.Common;

namespace Samovar.Storage.Sql;

/// <summary>One connection and its prepared commands. Not for two threads at once.</summary>
internal sealed class SqlSession(DbConnection connection, TimeSpan commandTimeMax) : IAsyncDisposable
{
    private const char NoText = '\uFFFD'; // for what PostgreSQL takes in no text, and clients may ask for: what nobody has is not found
    private readonly Dictionary<string, DbCommand> _commands = new(StringComparer.Ordinal); // as many as there are texts
    private readonly int _commandSecondsMax = (int)Math.Ceiling(commandTimeMax.TotalSeconds);
    private DbTransaction? _transaction;

    public DbConnection Connection => connection;

    public async Task BeginAsync(CancellationToken deadline) => _transaction = await connection.BeginTransactionAsync(deadline);

    public async Task CommitAsync(CancellationToken deadline)
    {
        await _transaction!.CommitAsync(deadline);
        await EndAsync();
    }

    /// <summary>Takes back what the transaction did, and lets go of it.</summary>
    public async ValueTask EndAsync()
    {
        if (_transaction is { } transaction) await transaction.DisposeAsync();
        _transaction = null;
    }

    /// <summary>Runs the statements in their order, in one round trip where the database can.</summary>
    /// <param name="failed">Called with the number of the one that failed, where that is known.</param>
    /// <returns>How many rows each one changed.</returns>
    public Task<int[]> ExecuteAllAsync(IReadOnlyList<SqlStatement> statements, Action<int> failed, CancellationToken deadline) =>
        connection.CanCreateBatch ? ExecuteTogetherAsync(statements, failed, deadline) : ExecuteInTurnAsync(statements, failed, deadline);

    public async Task<int> ExecuteAsync(SqlStatement statement, CancellationToken deadline) =>
        await Command(statement).ExecuteNonQueryAsync(deadline);

    /// <summary>The first value of the first row; null where there is none.</summary>
    public async Task<object?> ScalarAsync(SqlStatement statement, CancellationToken deadline) =>
        await Command(statement).ExecuteScalarAsync(deadline) is { } value and not DBNull ? value : null;

    /// <summary>Reads all rows; they are few.</summary>
    public async Task<List<T>> ReadAsync<T>(SqlStatement statement, Func<DbDataReader, T> read, CancellationToken deadline)
    {
        var rows = new List<T>();
        await using var reader = await Command(statement).ExecuteReaderAsync(deadline);
        while (await reader.ReadAsync(deadline)) rows.Add(read(reader));
        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        if (_transaction is { } transaction) await transaction.DisposeAsync();
        foreach (var command in _commands.Values) await command.DisposeAsync();
        await connection.DisposeAsync();
    }

    private async Task<int[]> ExecuteTogetherAsync(IReadOnlyList<SqlStatement> statements, Action<int> failed, CancellationToken deadline)
    {
        await using var batch = connection.CreateBatch();
        (batch.Transaction, batch.Timeout) = (_transaction, _commandSecondsMax);
        foreach (var statement in statements)
        {
            var command = batch.CreateBatchCommand();
            command.CommandText = statement.Text;
            foreach (var (name, value) in statement.Values) Add(command.Parameters, command.CreateParameter(), name, value);
            batch.BatchCommands.Add(command);
        }
        try
        {
            await batch.ExecuteNonQueryAsync(deadline);
        }
        catch (DbException exception) when (exception.BatchCommand is { } command)
        {
            failed(batch.BatchCommands.IndexOf(command));
            throw;
        }
        return [.. batch.BatchCommands.Select(command => command.RecordsAffected)];
    }

    private async Task<int[]> ExecuteInTurnAsync(IReadOnlyList<SqlStatement> statements, Action<int> failed, CancellationToken deadline)
    {
        var changed = new int[statements.Count];
        var at = 0;
        try
        {
            for (; at < changed.Length; at++) changed[at] = await Command(statements[at]).ExecuteNonQueryAsync(deadline);
            return changed;
        }
        catch (DbException)
        {
            failed(at);
            throw;
        }
    }

    private DbCommand Command(SqlStatement statement)
    {
        if (!_commands.TryGetValue(statement.Text, out var command))
        {
            _commands[statement.Text] = command = connection.CreateCommand();
#pragma warning disable CA2100 // texts are constants in a dialect
            command.CommandText = statement.Text;
#pragma warning restore CA2100
            command.CommandTimeout = _commandSecondsMax;
        }
        command.Transaction = _transaction;
        command.Parameters.Clear();
        foreach (var (name, value) in statement.Values) Add(command.Parameters, command.CreateParameter(), name, value);
        return command;
    }

    private static void Add(DbParameterCollection parameters, DbParameter parameter, string name, object value)
    {
        (parameter.ParameterName, parameter.Value) = (name, value is string text ? text.Replace('\0', NoText) : value);
        parameters.Add(parameter);
    }
}
