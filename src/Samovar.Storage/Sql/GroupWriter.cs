using System.Data.Common;
using Samovar.Stores;

namespace Samovar.Storage.Sql;

/// <summary>
/// The one loop that writes: what waits is written in one transaction and made durable by one commit, so that many cost little more than
/// one. While the store is away the loop tries it, and lets nothing wait.
/// </summary>
/// <remarks>
/// A transaction that fails by the fault of one of its writes is taken back and its halves are tried again, down to the one at fault, which
/// fails alone; one that waited in vain for what another server's transaction holds fails at once, and the others are written without it,
/// with little patience for a second one: a server that stopped may hold many, and all writes wait meanwhile.
/// One that takes too long is taken back, too, and where the store is there its halves are tried, the lighter one first: what is much
/// for one transaction, or for this moment, says nothing of the store. A write that takes too long by itself fails alone. Halves are tried
/// no longer than anybody waits for them. The store is away where a look, which changes nothing, is not answered.
/// One that fails because the store went is tried once more on a new connection where it had not come to its commit: a
/// database that was started again leaves dead connections behind. After a commit without an answer nobody knows whether it was made; that
/// is not acknowledged, and the response of it may be found later.
/// </remarks>
internal sealed class GroupWriter(ISqlDatabase database, SchemaVersions schema, StoreCondition condition, AbandonedWork abandonedWork,
    StoreOptions options, TimeProvider time, StoreMetrics metrics) : IAsyncDisposable
{
    private readonly WriteQueue _waiting = new(options);
    private readonly WriteConnections _connections = new(database, schema, options);
    private SqlSession? _session;
    private long _takenAt; // the group that is written

    /// <summary>Writes that wait.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>False where too much waits, or the server stops.</summary>
    public bool TryAdd(PendingWrite write) => _waiting.TryAdd(write);

    /// <summary>Somebody else found that the store is away: the loop shall see for itself.</summary>
    public void Look() => _waiting.TryAdd(new PendingWrite([], 0));

    /// <summary>Tries the store: opens it, brings its tables up to date, writes.</summary>
    /// <exception cref="StoreRefusedException">What lies there is not for this server.</exception>
    public Task<bool> TryOpenAsync(CancellationToken nodeStopping) => TryOpenAsync(options.CommandTimeMax, nodeStopping);

    /// <summary>Writes until nothing more comes.</summary>
    public async Task RunAsync(CancellationToken nodeStopping)
    {
        var batch = new List<PendingWrite>();
        while (await _waiting.WaitAsync())
        {
            while (Take(batch))
            {
                if (_session is not null || await TryAgainAsync(nodeStopping)) await WriteAsync(batch, 0, batch.Count);
                else batch.ForEach(write => write.Fail(Away(cause: null)));
            }
            while (condition.Trouble is not null && !nodeStopping.IsCancellationRequested && !_waiting.IsOver)
            {
                if (await TryAgainAsync(nodeStopping)) break;
                await PauseAsync(nodeStopping);
                while (Take(batch)) batch.ForEach(write => write.Fail(Away(cause: null)));
            }
        }
    }

    /// <summary>Nothing more is taken; what waits is still written.</summary>
    public void End() => _waiting.End();

    public async ValueTask DisposeAsync()
    {
        End();
        var closing = database.RunAsync(SqlWork.Write, () => EndAsync(Take()));
        await ((Task)closing).WaitAsync(options.CommandTimeMax, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<bool> TryOpenAsync(TimeSpan timeMax, CancellationToken nodeStopping)
    {
        using var deadline = new CancellationTokenSource(timeMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, nodeStopping);
        try
        {
            var before = Take();
            _session = await abandonedWork.AfterAsync(
                abandoned => database.RunAsync(SqlWork.Write, () => _connections.OpenAgainAsync(before, deadline, abandoned)),
                WriteConnections.CloseAsync, either.Token);
            condition.Worked();
            return true;
        }
        catch (Exception exception) when (exception is not StoreRefusedException) // a unit of work
        {
            condition.Failed(exception, isTry: true);
            return false;
        }
    }

    private bool Take(List<PendingWrite> batch)
    {
        _takenAt = time.GetTimestamp();
        return _waiting.Take(batch);
    }

    private async Task WriteAsync(List<PendingWrite> batch, int first, int count, bool isLast = false, bool isHurried = false)
    {
        var begun = time.GetTimestamp();
        if (await AttemptAsync(batch, first, count, isHurried) is not { } failure)
        {
            condition.Worked();
            metrics.Committed(count, batch.Skip(first).Take(count).Sum(write => write.Bytes), time.GetElapsedTime(begun));
            return;
        }
        var cause = failure.Cause;
        switch (database.FaultOf(cause))
        {
            case SqlFault.Away when failure.Late is { } late && await HasEndedAsync(late):
                if (late.IsCompletedSuccessfully) Succeed(batch, first, count, (await late).Changed); // in the last moment
                else if (!failure.IsTakenBack || !await TryAgainAsync(options.LookTimeMax, CancellationToken.None))
                    GiveUp(batch, first, count, cause);
                else if (count > 1 && IsAnybodyThere) await WriteHalvesAsync(batch, first, count, isHurried, cause);
                else Fail(batch, first, count, new StoreAwayException("What was to be written takes too long.", cause));
                break;
            case SqlFault.Away:
                GiveUp(batch, first, count, cause);
                break;
            case SqlFault.Held when failure.At is { } held && count > 1: // it has waited for as long as one may
                Fail(batch, held, 1, InTheWay(cause));
                ToEnd(batch, first, count, held);
                await WriteAsync(batch, first, count - 1, isHurried: true);
                break;
            case not SqlFault.Away when count > 1 && !IsProbe(batch, first, count):
                await WriteAsync(batch, first, count / 2, isHurried: isHurried);
                await WriteAsync(batch, first + count / 2, count - count / 2, isHurried: isHurried);
                break;
            case SqlFault.Conflict when !isLast:
                await WriteAsync(batch, first, count, isLast: true, isHurried);
                break;
            case SqlFault.Damaged:
                Fail(batch, first, count, new StoreAwayException("A part of the store is damaged.", cause));
                break;
            case SqlFault.Held or SqlFault.Conflict when cause is not DbException { SqlState: ['2', '3', ..] }: // a constraint says no
                Fail(batch, first, count, InTheWay(cause));
                break;
            default:
                Fail(batch, first, count, cause);
                break;
        }
    }

    /// <summary>What nobody waits for any more: then it is known whether it was made.</summary>
    private async Task<bool> HasEndedAsync(Task late)
    {
        await late.WaitAsync(options.LookTimeMax, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return late.IsCompleted;
    }

    /// <summary>Whether somebody waits still for what is written.</summary>
    private bool IsAnybodyThere => time.GetElapsedTime(_takenAt) < options.CallTimeMax;

    /// <summary>The light ones first: they are hardly at fault.</summary>
    private async Task WriteHalvesAsync(List<PendingWrite> batch, int first, int count, bool isHurried, Exception cause)
    {
        batch.Sort(first, count, Comparer<PendingWrite>.Create(static (one, other) => one.Weight.CompareTo(other.Weight)));
        await WriteAsync(batch, first, count / 2, isHurried: isHurried);
        if (condition.Trouble is null) await WriteAsync(batch, first + count / 2, count - count / 2, isHurried: isHurried);
        else Fail(batch, first + count / 2, count - count / 2, Away(cause));
    }

    private void GiveUp(List<PendingWrite> batch, int first, int count, Exception cause)
    {
        condition.Failed(cause, isTry: false);
        Fail(batch, first, count, Away(cause));
    }

    /// <returns>Null: it is durable, and all have their answer.</returns>
    private async Task<FailedAttempt?> AttemptAsync(
        List<PendingWrite> batch, int first, int count, bool isHurried)
    {
        var statements = new List<SqlStatement>();
        for (var i = first; i < first + count; i++) statements.AddRange(batch[i].Statements);
        var isProbe = statements.Count == 0;
        if (isProbe) statements.Add(WriteConnections.Probe);
        for (var tries = 0; ; tries++)
        {
            using var deadline = new CancellationTokenSource(options.WriteTimeMax, time);
            var attempt = new WriteAttempt(Take(), isHurried);
            Task<(SqlSession Session, int[] Changed)>? running = null;
            try
            {
                (_session, var changed) = await abandonedWork.AfterAsync(
                    abandoned => running = database.RunAsync(SqlWork.Write, () => RunAsync(attempt, statements, deadline, abandoned)),
                    late => WriteConnections.CloseAsync(late.Session), deadline.Token);
                Succeed(batch, first, count, changed);
                return null;
            }
            catch (Exception exception) // a unit of work
            {
                _session = attempt.End();
                var isAway = database.FaultOf(exception) == SqlFault.Away;
                var isUnknown = attempt.IsCommitting && !database.IsTakenBack(exception);
                if (isAway && !isUnknown && tries == 0 && !deadline.IsCancellationRequested) continue;
                return new FailedAttempt(exception, attempt)
                {
                    At = attempt.FailedAt is { } statement && !isProbe ? WriteOf(batch, first, statement) : null,
                    Late = !isProbe && deadline.IsCancellationRequested ? running : null,
                };
            }
        }
    }

    /// <summary>
    /// Where it merely met another's transaction the connection stays; else it is given up: a transaction ends with it for certain.
    /// </summary>
    private async Task<(SqlSession Session, int[] Changed)> RunAsync(
        WriteAttempt attempt, List<SqlStatement> statements, CancellationTokenSource deadline, CancellationToken abandoned)
    {
        var session = attempt.Session ?? await _connections.OpenAsync(deadline, abandoned);
        try
        {
            await session.BeginAsync(abandoned);
            if (attempt.IsHurried && database.Hurry is { } hurry) await session.ScalarAsync(hurry, abandoned);
            var changed = await session.ExecuteAllAsync(statements, at => attempt.FailedAt = at, abandoned);
            attempt.IsCommitting = true;
            await session.CommitAsync(abandoned);
            return (session, changed);
        }
        catch (Exception exception) // a unit of work
        {
            var isKept = database.FaultOf(exception) == SqlFault.Held && await WriteConnections.TryTakeBackAsync(session)
                && attempt.TryLeave(session);
            if (!isKept) await WriteConnections.CloseAsync(session);
            throw;
        }
    }

    /// <summary>Whoever uses the connection has it alone, and puts it back when all went well.</summary>
    private SqlSession? Take()
    {
        var session = _session;
        _session = null;
        return session;
    }

    private Task<bool> TryAgainAsync(CancellationToken nodeStopping) => TryAgainAsync(options.CommandTimeMax, nodeStopping);

    private async Task<bool> TryAgainAsync(TimeSpan timeMax, CancellationToken nodeStopping)
    {
        try { return await TryOpenAsync(timeMax, nodeStopping); }
        catch (StoreRefusedException exception) // it came back as something else
        {
            condition.Failed(exception, isTry: true);
            return false;
        }
    }

    private async Task PauseAsync(CancellationToken nodeStopping)
    {
        try { await Task.Delay(condition.RetryDelay, time, nodeStopping); }
        catch (OperationCanceledException) { /* the server stops */ }
    }

    private static async Task<bool> EndAsync(SqlSession? session)
    {
        await WriteConnections.CloseAsync(session);
        return true;
    }

    private static void Succeed(List<PendingWrite> batch, int first, int count, int[] changed)
    {
        for (int i = first, at = 0; i < first + count; at += batch[i++].Statements.Count)
            batch[i].Succeed(changed[at..(at + batch[i].Statements.Count)]);
    }

    private static void Fail(List<PendingWrite> batch, int first, int count, Exception cause)
    {
        for (var i = first; i < first + count; i++) batch[i].Fail(cause);
    }

    /// <summary>Puts one write behind the others of its part; it is not taken out, or the parts behind would begin elsewhere.</summary>
    private static void ToEnd(List<PendingWrite> batch, int first, int count, int at)
    {
        var write = batch[at];
        batch.RemoveAt(at);
        batch.Insert(first + count - 1, write);
    }

    /// <summary>Whether nothing is to be written, and it is only asked whether the store is there: all get one answer.</summary>
    private static bool IsProbe(List<PendingWrite> batch, int first, int count) =>
        batch.Skip(first).Take(count).All(static write => write.Statements.Count == 0);

    private static int WriteOf(List<PendingWrite> batch, int first, int statement)
    {
        while (statement >= batch[first].Statements.Count) statement -= batch[first++].Statements.Count;
        return first;
    }

    private static StoreAwayException InTheWay(Exception cause) => new("Others' transactions hold what is to be written.", cause);

    private static StoreAwayException Away(Exception? cause) => new("The store cannot be written now.", cause);
}
