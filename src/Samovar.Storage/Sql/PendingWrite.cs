namespace Samovar.Storage.Sql;

/// <summary>One unit of what is written: all of its statements or none, whatever becomes of its neighbours.</summary>
/// <param name="statements">None: only whether the store is there is asked.</param>
/// <param name="bytes">About how much it carries.</param>
internal sealed class PendingWrite(IReadOnlyList<SqlStatement> statements, long bytes)
{
    private readonly TaskCompletionSource<int[]> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isTaken;

    public IReadOnlyList<SqlStatement> Statements => statements;
    public long Bytes => bytes;

    /// <summary>How many rows each statement changed.</summary>
    public Task<int[]> Done => _done.Task;

    /// <summary>Once: either it is written, or whoever waited for it has gone.</summary>
    public bool TryTake() => Interlocked.Exchange(ref _isTaken, 1) == 0;

    public void Succeed(int[] changed) => _done.TrySetResult(changed);

    public void Fail(Exception cause)
    {
        if (_done.TrySetException(cause)) _ = _done.Task.Exception; // seen: whoever waited may have gone
    }
}
