namespace Samovar.Storage.Sql;

/// <summary>
/// Copies SQLite's write-ahead log into the file, from a connection of its own: no write waits for it, unless the log has grown beyond its
/// bound because writes never pause.
/// </summary>
internal sealed class SqliteCheckpoints(string path, Func<Task<SqlSession>> open, StoreOptions options, TimeProvider time)
{
    private static readonly SqlStatement Copy = new("PRAGMA wal_checkpoint(PASSIVE)");
    private static readonly SqlStatement Empty = new("PRAGMA wal_checkpoint(TRUNCATE)");
    private (long Length, DateTime Written) _before;

    public async Task RunAsync(CancellationToken nodeStopping)
    {
        SqlSession? session = null;
        while (await PauseAsync(nodeStopping))
        {
            if (Next() is not { } statement) continue;
            try
            {
                session ??= await open();
                await session.ReadAsync(statement, row => row.GetInt64(0), CancellationToken.None);
            }
            catch (Exception) // a unit of work: the writes themselves say what is wrong with the disk
            {
                if (session is not null) await session.DisposeAsync();
                session = null;
            }
        }
        if (session is not null) await session.DisposeAsync();
    }

    /// <summary>What the log's size asks for; null where nothing.</summary>
    private SqlStatement? Next()
    {
        var log = new FileInfo(path + "-wal");
        if (!log.Exists || log.Length == 0) return null;
        var now = (log.Length, log.LastWriteTimeUtc);
        var isIdle = now == _before;
        _before = now;
        return isIdle || log.Length > options.LogBytesMax ? Empty : log.Length > options.CheckpointBytes ? Copy : null;
    }

    private async Task<bool> PauseAsync(CancellationToken nodeStopping)
    {
        try
        {
            await Task.Delay(options.CheckpointInterval, time, nodeStopping);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
