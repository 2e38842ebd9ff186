using System.Data.Common;

namespace Samovar.Storage.Sql;

/// <summary>Opens the connection that writes, with its tables up to date, and gives it up.</summary>
internal sealed class WriteConnections(ISqlDatabase database, SchemaVersions schema, StoreOptions options)
{
    /// <summary>Changes nothing; fails where nothing can be changed.</summary>
    public static SqlStatement Probe { get; } = new("UPDATE samovar_schema SET version = version");

    public async Task<SqlSession> OpenAsync(CancellationTokenSource deadline, CancellationToken abandoned)
    {
        var session = await database.OpenWriterAsync(abandoned);
        try
        {
            await schema.PrepareAsync(session, database.Name, () => deadline.CancelAfter(options.SchemaTimeMax), abandoned);
            await session.BeginAsync(abandoned);
            await session.ExecuteAsync(Probe, abandoned);
            await session.CommitAsync(abandoned);
            return session;
        }
        catch
        {
            await CloseAsync(session);
            throw;
        }
    }

    public async Task<SqlSession> OpenAgainAsync(SqlSession? before, CancellationTokenSource deadline, CancellationToken abandoned)
    {
        await CloseAsync(before);
        return await OpenAsync(deadline, abandoned);
    }

    /// <summary>Takes back a transaction that only met another's: the connection is as good as before.</summary>
    /// <returns>Whether that went well.</returns>
    public static async ValueTask<bool> TryTakeBackAsync(SqlSession session)
    {
        try
        {
            await session.EndAsync();
            return true;
        }
        catch (Exception) // a transaction
        {
            return false;
        }
    }

    public static async ValueTask CloseAsync(SqlSession? session)
    {
        try
        {
            if (session is not null) await session.DisposeAsync();
        }
        catch (DbException) { /* it is given up in any case */ }
        catch (IOException) { /* likewise */ }
    }
}
