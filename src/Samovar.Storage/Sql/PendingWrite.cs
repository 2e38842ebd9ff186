namespace Samovar.Storage.Sql;

/// <summary>One unit of what is written: all of its statements or none, whatever becomes of its neighbours.</summary>
/// <param name="statements">None: only whether the store is there is asked.</param>
/// <param name="bytes">About how much it carries.</param>
internal sealed class PendingWrite(IReadOnlyList<SqlStatement> statements, long bytes)
{
    /// <summary>Of what is nobody's: the store's own.</summary>
    public const string OwnFlow = "";

    private const int RowWeight = 256; // a row of 16 bytes costs its place in two indexes, and its turn

    private readonly TaskCompletionSource<int[]> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isTaken;

    public IReadOnlyList<SqlStatement> Statements => statements;
    public long Bytes => bytes;

    /// <summary>About how long it takes, as bytes: many rows of a few bytes take as long as few rows of many.</summary>
    public long Weight { get; } = bytes + RowWeight * statements.Sum(static statement => (long)statement.Rows);

    /// <summary>Whose it is, by the name that a tenant has in all statements; the store's own are nobody's.</summary>
    public string Flow { get; } = FlowOf(statements);

    /// <summary>How many rows each statement changed.</summary>
    public Task<int[]> Done => _done.Task;

    /// <summary>Once: either it is written, or whoever waited for it has gone.</summary>
    public bool TryTake() => Interlocked.Exchange(ref _isTaken, 1) == 0;

    public void Succeed(int[] changed) => _done.TrySetResult(changed);

    public void Fail(Exception cause)
    {
        if (_done.TrySetException(cause)) _ = _done.Task.Exception; // seen: whoever waited may have gone
    }

    /// <summary>The tenant whose share it takes; what is of several tenants is the store's own.</summary>
    private static string FlowOf(IReadOnlyList<SqlStatement> statements)
    {
        string? flow = null;
        foreach (var statement in statements)
            foreach (var (name, value) in statement.Values)
                if (name == "@tenant" && value is string tenant && (flow ??= tenant) != tenant) return OwnFlow;
        return flow ?? OwnFlow;
    }
}
