namespace Samovar.Storage.Sql;

/// <summary>
/// Copies SQLite's write-ahead log into the file, from a connection of its own: no write waits for it, unless the log has grown beyond its
/// bound because writes never pause.
/// </summary>
/// <remarks>
/// Emptying the log keeps writes out until it is done. So it is copied first, which does not: what is left to do then takes no longer than
/// a commit, and a turn that comes when the server was idle for a while waits for no more.
/// </remarks>
internal sealed class SqliteCheckpoints(string path, Func<Task<SqlSession>> open, StoreOptions options, TimeProvider time)
{
    private static readonly SqlStatement Copy = new("PRAGMA wal_checkpoint(PASSIVE)"); // beside the writes
    private static readonly SqlStatement Empty = new("PRAGMA wal_checkpoint(TRUNCATE)");
    private (long Length, DateTime Written) _before;

    public async Task RunAsync(CancellationToken nodeStopping)
    {
        SqlSession? session = null;
        while (await PauseAsync(nodeStopping))
        {
            if (Next() is not { } empties) continue;
            try
            {
                session ??= await open();
                await session.ReadAsync(Copy, row => row.GetInt64(0), CancellationToken.None);
                if (empties) await session.ReadAsync(Empty, row => row.GetInt64(0), CancellationToken.None);
            }
            catch (Exception) // a unit of work: the writes themselves say what is wrong with the disk
            {
                if (session is not null) await session.DisposeAsync();
                session = null;
            }
        }
        if (session is not null) await session.DisposeAsync();
    }

    /// <summary>What the log's size asks for: to copy it, or to empty it as well; null where nothing.</summary>
    private bool? Next()
    {
        var log = new FileInfo(path + "-wal");
        if (!log.Exists || log.Length == 0) return null;
        var now = (log.Length, log.LastWriteTimeUtc);
        var isIdle = now == _before;
        _before = now;
        return isIdle || log.Length > options.LogBytesMax ? true : log.Length > options.CheckpointBytes ? false : null;
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
