using Microsoft.Extensions.Logging;
using Samovar.Storage.Sql;
using Samovar.Stores;

namespace Samovar.Storage.Chains;

/// <summary>Removes chains that nobody continued for long, and pieces that nothing names any more, a little at a time.</summary>
internal sealed partial class ChainCleanup(SqlStore store, ChainTexts texts, TenantTotals totals, KnownPieces pieces,
    StoredChainOptions options, TimeProvider time, ILogger<ChainCleanup> logger) : IAsyncDisposable
{
    private const int SliceMax = 10_000; // looked at by one statement
    private readonly CancellationTokenSource _nodeStopping = new();
    private readonly SteadyClock _clock = new(time, options.RemovalDelay);
    private readonly string _now = store.Dialect.Text("SELECT {now}");
    private int _isDisposed;
    private Task _running = Task.CompletedTask;

    public void Start() => _running = Task.Run(RunAsync, CancellationToken.None);

    /// <summary>Once, whatever the database's clock did.</summary>
    /// <returns>Chains that went.</returns>
    public Task<int> CleanAsync(CancellationToken nodeStopping) => CleanAsync(byAge: true, nodeStopping);

    /// <summary>Once, and by age only where the database's clock has gone on for a while: what is gone is not brought back.</summary>
    /// <returns>Chains that went.</returns>
    public async Task<int> LookAsync(CancellationToken nodeStopping)
    {
        var isSteady = _clock.IsSteady(DateTimeOffset.FromUnixTimeMilliseconds((await NumbersAsync(new(_now), nodeStopping))[0]));
        if (_clock.WasSet && !isSteady) Log.ClockWasSet(logger, options.RemovalDelay);
        return await CleanAsync(isSteady, nodeStopping);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return; // the server's stop, and its container's end
        _nodeStopping.Cancel();
        await _running;
        _nodeStopping.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await TryCleanAsync();
                await Task.Delay(options.CleanupInterval, time, _nodeStopping.Token);
            }
        }
        catch (OperationCanceledException) { /* the server stops */ }
    }

    private async Task TryCleanAsync()
    {
        try
        {
            if (store.Trouble is not null) return;
            var trees = await LookAsync(_nodeStopping.Token);
            if (trees > 0) Log.Removed(logger, trees);
        }
        catch (StoreAwayException) { /* the store says so itself; what is too old stays until the next time */ }
        catch (Exception exception) when (exception is not OperationCanceledException) // a unit of work
        {
            Log.Failed(logger, exception);
        }
    }

    private async Task<int> CleanAsync(bool byAge, CancellationToken nodeStopping)
    {
        try
        {
            var trees = await RemoveTreesAsync(byAge, nodeStopping);
            await RemovePiecesAsync(nodeStopping);
            return trees;
        }
        finally
        {
            totals.Forget();
        }
    }

    /// <summary>One slice after the other: no statement looks at all that is stored.</summary>
    /// <param name="byAge">False: only those that began to go before.</param>
    private async Task<int> RemoveTreesAsync(bool byAge, CancellationToken nodeStopping)
    {
        var trees = 0;
        for (var after = 0L; await SliceAsync(texts.LastTree, after, nodeStopping) is { } last; after = last)
        {
            var old = await NumbersAsync(
                new(texts.OldTrees, ("@after", after), ("@last", last), Age, ("@aged", byAge ? 1 : 0)), nodeStopping);
            foreach (var tree in old) if (await RemoveAsync(tree, nodeStopping)) trees++;
        }
        return trees;
    }

    /// <summary>In small transactions: the writes of turns come between them.</summary>
    /// <returns>False where somebody has continued it meanwhile.</returns>
    private async Task<bool> RemoveAsync(long tree, CancellationToken nodeStopping)
    {
        (string, object) number = ("@tree", tree);
        while (true)
        {
            var changed = await store.WriteAsync(
            [
                new(texts.ExpireTree, number, Age), new(texts.RemoveExpired, number, Max), new(texts.RemoveEmptyTree, number),
            ], bytes: 0, nodeStopping);
            if (changed[1] > 0) store.Metrics.Removed(changed[1]);
            if (changed[0] == 0 || changed[2] == 1) return changed[2] == 1;
        }
    }

    private async Task RemovePiecesAsync(CancellationToken nodeStopping)
    {
        for (var after = 0L; await SliceAsync(texts.LastPiece, after, nodeStopping) is { } last; after = last)
        {
            var unused = await NumbersAsync(new(texts.UnusedPieces, ("@after", after), ("@last", last)), nodeStopping);
            foreach (var some in unused.Chunk(options.RemovalsMax))
            {
                pieces.Forget();
                await store.WriteAsync([.. some.Select(piece => new SqlStatement(texts.RemovePiece, ("@piece", piece)))], 0, nodeStopping);
            }
        }
    }

    /// <returns>The number of the last of some that follow; null where none does.</returns>
    private async Task<long?> SliceAsync(string text, long after, CancellationToken nodeStopping) => (long?)await store.ReadAsync(
        (session, deadline) => session.ScalarAsync(new(text, ("@after", after), ("@max", SliceMax)), deadline), nodeStopping);

    private Task<List<long>> NumbersAsync(SqlStatement statement, CancellationToken nodeStopping) => store.ReadAsync(
        (session, deadline) => session.ReadAsync(statement, row => row.GetInt64(0), deadline), nodeStopping);

    private (string, object) Age => ("@age", (long)(options.AgeMax + options.RemovalDelay).TotalMilliseconds);
    private (string, object) Max => ("@max", options.RemovalsMax);

    private static partial class Log
    {
        [LoggerMessage(1111, LogLevel.Information, "{Trees} stored chains were too old and are removed")]
        public static partial void Removed(ILogger logger, int trees);

        [LoggerMessage(1113, LogLevel.Warning,
            "The store's clock was set, or the machine slept: stored chains that are too old now are removed {Delay} later")]
        public static partial void ClockWasSet(ILogger logger, TimeSpan delay);

        [LoggerMessage(1112, LogLevel.Error, "Stored chains that are too old could not be removed; they are tried again later")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
