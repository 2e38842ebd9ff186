using Microsoft.Extensions.Logging;
using Samovar.Stores;

namespace Samovar.Storage.Sql;

/// <summary>What rooms read and write through, whichever database it is: within a known time, or not at all.</summary>
internal sealed class SqlStore : IAsyncDisposable
{
    private readonly CancellationTokenSource _nodeStopping = new();
    private readonly ISqlDatabase _database;
    private readonly StoreOptions _options;
    private readonly ReaderPlaces _places;
    private readonly TimeProvider _time;
    private readonly StoreMetrics _metrics;
    private readonly StoreCondition _condition;
    private readonly AbandonedWork _abandoned;
    private readonly GroupWriter _writer;
    private Task _writing = Task.CompletedTask;
    private int _isDisposed;
    private Task<bool>? _opening;
    private Task _maintaining = Task.CompletedTask;

    public SqlStore(ISqlDatabase database, IReadOnlyList<SchemaRoom> rooms, StoreOptions options, TimeProvider time, StoreMetrics metrics,
        ILogger<SqlStore> logger)
    {
        (_database, _options, _time, _metrics) = (database, options, time, metrics);
        _places = new ReaderPlaces(new SemaphoreSlim(options.ReadersMax), options.ReadersMax);
        _condition = new StoreCondition(database.Name, options, time, logger);
        _abandoned = new AbandonedWork(logger);
        _writer = new GroupWriter(
            database, new SchemaVersions(database.Dialect, rooms), _condition, _abandoned, options, time, metrics);
        metrics.Watch(() => Figures);
    }

    /// <summary>What it does at the moment.</summary>
    public StoreFigures Figures => new(_condition.Trouble, _condition.AwayFor, _writer.Waiting, _options.WaitingMax);

    public StoreMetrics Metrics => _metrics;

    public SqlDialect Dialect => _database.Dialect;

    /// <summary>Whether other servers may use it at the same time.</summary>
    public bool IsShared => _database.IsShared;

    /// <summary>Why nothing can be read or written now; null where it can.</summary>
    public string? Trouble => _condition.Trouble;

    /// <summary>Opens the store while its caller does something else, and says in <see cref="StartAsync"/> what became of it.</summary>
    public void Begin() => _opening ??= Task.Run(() => _writer.TryOpenAsync(_nodeStopping.Token), CancellationToken.None);

    /// <summary>Opens the store. One that is away is tried again behind the server's start, which it does not hold up.</summary>
    /// <exception cref="StoreRefusedException">What lies there is not for this server.</exception>
    public async Task StartAsync(CancellationToken caller)
    {
        Begin();
        if (!await _opening!.WaitAsync(caller)) _writer.Look();
        _writing = Task.Run(() => _writer.RunAsync(_nodeStopping.Token), CancellationToken.None);
        _maintaining = Task.Run(() => _database.MaintainAsync(_nodeStopping.Token), CancellationToken.None);
    }

    /// <summary>Throws while the store is away; asks nobody.</summary>
    public void Require()
    {
        if (_condition.Trouble is not null) throw new StoreAwayException("The store cannot be reached or written now.");
    }

    /// <summary>Several reads and writes, which together may take as long as one.</summary>
    public async Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken caller)
    {
        using var deadline = new CancellationTokenSource(_options.CallTimeMax, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, caller);
        try
        {
            return await call(either.Token);
        }
        catch (OperationCanceledException exception) when (!caller.IsCancellationRequested)
        {
            throw new StoreAwayException("The store is too slow now.", exception);
        }
    }

    /// <summary>After this returns the statements are durable, all of them.</summary>
    /// <param name="bytes">About how much they carry.</param>
    /// <returns>How many rows each one changed.</returns>
    public async Task<int[]> WriteAsync(IReadOnlyList<SqlStatement> statements, long bytes, CancellationToken caller)
    {
        Require();
        var begun = _time.GetTimestamp();
        var isDone = false;
        var write = new PendingWrite(statements, bytes);
        if (!_writer.TryAdd(write))
        {
            _metrics.Refused();
            throw new StoreAwayException("Too much waits to be written to the store.");
        }
        try
        {
            var changed = await write.Done.WaitAsync(_options.CallTimeMax, _time, caller);
            isDone = true;
            return changed;
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            if (exception is OperationCanceledException || write.TryTake() && _condition.Trouble is null) throw Slow(exception);
            throw new StoreAwayException("The store did not say in time whether it has written.", exception);
        }
        finally
        {
            _metrics.Write(_time.GetElapsedTime(begun), isDone);
        }

        Exception Slow(Exception cause)
        {
            write.TryTake();
            return cause is OperationCanceledException ? cause : new StoreAwayException("The store is too slow now.", cause);
        }
    }

    /// <summary>Reads once, and once more where a dead connection or another's transaction was in the way.</summary>
    public async Task<T> ReadAsync<T>(Func<SqlSession, CancellationToken, Task<T>> read, CancellationToken caller)
    {
        if (IsShared) Require(); // a file on a full disk can still be read
        var begun = _time.GetTimestamp();
        using var deadline = new CancellationTokenSource(_options.CallTimeMax, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, caller);
        for (var tries = 0; ; tries++)
        {
            var place = await PlaceAsync(caller, either.Token);
            using var command = new CancellationTokenSource(_options.CommandTimeMax, _time);
            using var soonest = CancellationTokenSource.CreateLinkedTokenSource(command.Token, either.Token);
            try
            {
                var result = await _abandoned.AfterAsync(
                    abandoned => _database.RunAsync(SqlWork.Read, () => ReadOnceAsync(read, place, IsLeft, abandoned)),
                    tooLate: null, soonest.Token);
                _metrics.Read(_time.GetElapsedTime(begun), isDone: true);
                return result;
            }
            catch (Exception exception) when (_database.FaultOf(exception) is var fault and not SqlFault.Own) // a unit of work
            {
                place.Abandon();
                caller.ThrowIfCancellationRequested();
                if (tries == 0 && fault != SqlFault.Damaged && !soonest.IsCancellationRequested) continue;
                _metrics.Read(_time.GetElapsedTime(begun), isDone: false);
                if (!command.IsCancellationRequested && deadline.IsCancellationRequested) // it waited long for its place
                    throw new StoreAwayException("The store is too slow now.", exception);
                throw Away(exception, fault, isLate: command.IsCancellationRequested);
            }

            bool IsLeft() => caller.IsCancellationRequested && !command.IsCancellationRequested;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return; // the server's stop, and its container's end
        _writer.End();
        await _writing.WaitAsync(_options.CallTimeMax, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _nodeStopping.Cancel();
        await ((Task?)_opening ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _writing;
        await _maintaining;
        await _writer.DisposeAsync();
        await _abandoned.IdleAsync().WaitAsync(_options.CallTimeMax, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _database.DisposeAsync();
        _nodeStopping.Dispose();
    }

    /// <summary>Until fewer read at once; that many do says nothing of the store.</summary>
    private async Task<ReaderPlace> PlaceAsync(CancellationToken caller, CancellationToken deadline)
    {
        if (_places.AreAllAbandoned) throw new StoreAwayException("The store has not answered yet, and as many as may read wait for it.");
        try
        {
            return await _places.EnterAsync(deadline);
        }
        catch (OperationCanceledException exception) when (!caller.IsCancellationRequested)
        {
            throw new StoreAwayException("Too many reads of the store wait.", exception);
        }
    }

    /// <summary>Gives back its place when it ends, though nobody may wait for it any more.</summary>
    /// <param name="isLeft">Whether it was broken off because its caller has gone, and not because it took too long.</param>
    private async Task<T> ReadOnceAsync<T>(
        Func<SqlSession, CancellationToken, Task<T>> read, ReaderPlace place, Func<bool> isLeft, CancellationToken abandoned)
    {
        SqlSession? session = null;
        var end = ReaderEnd.Broken;
        try
        {
            abandoned.ThrowIfCancellationRequested();
            session = await _database.OpenReaderAsync(abandoned);
            var result = await read(session, abandoned);
            end = ReaderEnd.Read;
            return result;
        }
        catch (OperationCanceledException) when (isLeft())
        {
            end = ReaderEnd.Left;
            throw;
        }
        finally
        {
            if (session is not null) await _database.CloseReaderAsync(session, end);
            place.Leave();
        }
    }

    /// <param name="isLate">Whether it took too long: what is much to read says nothing of the store, a look does.</param>
    private StoreAwayException Away(Exception cause, SqlFault fault, bool isLate)
    {
        if (fault == SqlFault.Damaged) return new StoreAwayException("A part of the store is damaged.", cause);
        if (fault is SqlFault.Held or SqlFault.Conflict) return new StoreAwayException("Others' transactions hold what is read.", cause);
        if (!isLate) _condition.Failed(cause, isTry: false);
        _writer.Look();
        return new StoreAwayException(isLate ? "What was to be read takes too long." : "The store cannot be read now.", cause);
    }
}
