namespace Samovar.Storage.Sql;

/// <summary>
/// Copies SQLite's write-ahead log into the file, from a connection of its own: no write waits for it, unless the log has grown beyond its
/// bound because writes never pause.
/// </summary>
/// <remarks>
/// Emptying the log keeps writes out until it is done. So it is copied first, which does not: what is left to do then takes no longer than
/// a commit, and a turn that comes when the server was idle for a while waits for no more.
/// </remarks>
/// <param name="path">The file.</param>
/// <param name="open">A connection to it.</param>
/// <param name="threads">Where that blocks.</param>
/// <param name="options">Its bounds.</param>
/// <param name="time">How time passes.</param>
internal sealed class SqliteCheckpoints(
    string path, Func<Task<SqlSession>> open, BlockingThreads threads, StoreOptions options, TimeProvider time)
{
    private static readonly SqlStatement Copy = new("PRAGMA wal_checkpoint(PASSIVE)"); // beside the writes
    private static readonly SqlStatement Empty = new("PRAGMA wal_checkpoint(TRUNCATE)");
    private (long Length, DateTime Written) _before;
    private SqlSession? _session;

    public async Task RunAsync(CancellationToken nodeStopping)
    {
        while (await PauseAsync(nodeStopping)) await TryAsync(LookAsync, nodeStopping);
        await TryAsync(CloseAsync, CancellationToken.None);
    }

    /// <summary>A disk that hangs holds up the server's end for a command's time at most.</summary>
    private async Task TryAsync(Func<Task<bool>> work, CancellationToken nodeStopping)
    {
        try
        {
            var working = threads.RunAsync(work);
            if (nodeStopping.CanBeCanceled) await working.WaitAsync(nodeStopping);
            else await working.WaitAsync(options.CommandTimeMax, time, CancellationToken.None);
        }
        catch (Exception) // a unit of work
        {
            return; // the writes themselves say what is wrong with the disk
        }
    }

    private async Task<bool> LookAsync()
    {
        if (Next() is not { } empties) return false;
        try
        {
            _session ??= await open();
            await _session.ReadAsync(Copy, row => row.GetInt64(0), CancellationToken.None);
            if (empties) await _session.ReadAsync(Empty, row => row.GetInt64(0), CancellationToken.None);
            return true;
        }
        catch
        {
            await CloseAsync();
            throw;
        }
    }

    private async Task<bool> CloseAsync()
    {
        if (_session is { } session) await session.DisposeAsync();
        _session = null;
        return true;
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
