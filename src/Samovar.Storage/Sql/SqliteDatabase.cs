using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Samovar.Stores;

namespace Samovar.Storage.Sql;

/// <summary>
/// A SQLite file that one server has: one connection writes, some read, and what was written is copied from the write-ahead log into the
/// file behind them.
/// </summary>
internal sealed class SqliteDatabase(string path, StoreOptions options, TimeProvider time) : ISqlDatabase
{
    private const long ApplicationId = 0x53_4D_56_52; // stands in the file's head
    private const int PageBytes = 8192; // measured: of 16 KB each commit writes twice as much, in 4 KB two rows of 2 KB do not fit
    private readonly ConcurrentBag<SqlSession> _readers = [];
    private readonly BlockingThreads _reading = new("samovar-store-read", options.ReadersMax, mayWait: true);
    private readonly BlockingThreads _writing = new("samovar-store-write", 1, mayWait: false);
    private readonly BlockingThreads _maintaining = new("samovar-store-log", 1, mayWait: false);
    private SqliteLock? _lock;

    public string Name => path;
    public SqlDialect Dialect => SqlDialect.Sqlite;
    public bool IsShared => false;
    public SqlStatement? Hurry => null;

    public async ValueTask<SqlSession> OpenWriterAsync(CancellationToken deadline)
    {
        MakeFolder(Path.GetDirectoryName(path)!);
        _lock ??= SqliteLock.Take(path);
        RequireRoom();
        MakeFile();
        var session = await OpenAsync(SqliteOpenMode.ReadWriteCreate, deadline);
        try
        {
            await RefuseForeignAsync(session, deadline);
            await session.ExecuteAsync(new($"PRAGMA page_size = {PageBytes}"), deadline); // of a new file
            await session.ScalarAsync(new("PRAGMA journal_mode = WAL"), deadline);
            await session.ExecuteAsync(new("PRAGMA synchronous = FULL"), deadline); // a commit waits for the disk
            await session.ExecuteAsync(new("PRAGMA wal_autocheckpoint = 0"), deadline);
            await session.ExecuteAsync(new($"PRAGMA application_id = {ApplicationId}"), deadline);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    public async ValueTask<SqlSession> OpenReaderAsync(CancellationToken deadline)
    {
        if (_readers.TryTake(out var reader)) return reader;
        reader = await OpenAsync(SqliteOpenMode.ReadWrite, deadline);
        await reader.ExecuteAsync(new("PRAGMA query_only = 1"), deadline);
        return reader;
    }

    public async ValueTask CloseReaderAsync(SqlSession session, ReaderEnd end)
    {
        if (end == ReaderEnd.Read) _readers.Add(session);
        else await session.DisposeAsync();
    }

    public SqlFault FaultOf(Exception exception) => exception switch
    {
        SqliteException { SqliteErrorCode: SqliteCodes.Corrupt or SqliteCodes.NotADatabase } => SqlFault.Damaged,
        SqliteException { SqliteErrorCode: var code } => SqliteCodes.IsAway(code) ? SqlFault.Away : SqlFault.Own,
        IOException or UnauthorizedAccessException or OperationCanceledException or StoreAwayException or StoreRefusedException
            => SqlFault.Away,
        _ => SqlFault.Own,
    };

    public bool IsTakenBack(Exception exception) => false;

    public Task<T> RunAsync<T>(SqlWork kind, Func<Task<T>> work) => (kind == SqlWork.Read ? _reading : _writing).RunAsync(work);

    public Task MaintainAsync(CancellationToken nodeStopping) =>
        new SqliteCheckpoints(
            path, () => OpenAsync(SqliteOpenMode.ReadWrite, CancellationToken.None), _maintaining, options, time).RunAsync(nodeStopping);

    /// <summary>On a disk that hangs its file stays as it is, as that of a killed process, and locked until this one ends.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _writing.RunAsync(CloseAsync).WaitAsync(options.CommandTimeMax, time);
        }
        catch (Exception exception) when (exception is TimeoutException or StoreAwayException) { /* it hangs */ }
        foreach (var threads in (BlockingThreads[])[_reading, _writing, _maintaining]) threads.Dispose();
    }

    private async Task<bool> CloseAsync()
    {
        while (_readers.TryTake(out var reader)) await reader.DisposeAsync();
        _lock?.Dispose();
        return true;
    }

    private async Task<SqlSession> OpenAsync(SqliteOpenMode mode, CancellationToken deadline)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path, Mode = mode, Pooling = false, ForeignKeys = true,
            DefaultTimeout = (int)Math.Ceiling(options.CommandTimeMax.TotalSeconds),
        }.ToString());
        var session = new SqlSession(connection, options.CommandTimeMax);
        try
        {
            await connection.OpenAsync(deadline);
            await session.ExecuteAsync(new("PRAGMA temp_store = MEMORY"), deadline);
            await session.ExecuteAsync(new("PRAGMA secure_delete = ON"), deadline); // what is deleted is not left in the file's free pages
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>One that is there keeps the rights that it has.</summary>
    private static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Its owner's alone; what SQLite makes beside it is so, too.</summary>
    private void MakeFile()
    {
        if (File.Exists(path)) return;
        var made = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows()) made.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, made);
    }

    /// <summary>On a disk that ran full a little still fits: without this the store would come back for the next turn to fail.</summary>
    private void RequireRoom()
    {
        var free = new DriveInfo(Path.GetDirectoryName(Path.GetFullPath(path))!).AvailableFreeSpace;
        if (free < options.FreeBytesMin)
            throw new IOException(string.Create(CultureInfo.InvariantCulture,
                $"The disk has {free} bytes left, {options.FreeBytesMin} are wanted ({StoreOptions.Section}:FreeBytesMin)."));
    }

    /// <summary>Nothing was changed until here: a file of somebody else's stays as it is.</summary>
    private async Task RefuseForeignAsync(SqlSession session, CancellationToken deadline)
    {
        try
        {
            var tables = await session.ReadAsync(new(Dialect.Tables), row => row.GetString(0), deadline);
            var application = await session.ScalarAsync(new("PRAGMA application_id"), deadline);
            if (tables.Count > 0 && application is not ApplicationId)
                throw new StoreRefusedException($"{path} is another program's file; it is left as it is.");
        }
        catch (SqliteException exception) when (FaultOf(exception) == SqlFault.Damaged)
        {
            throw new StoreRefusedException(
                $"{path} is damaged or no SQLite file; it is left as it is. Move it away to begin a new one. ({exception.Message})",
                exception);
        }
    }
}
