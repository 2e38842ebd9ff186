namespace Samovar.Testing;

/// <summary>How long a test waits for what must come at once; when it comes, evidence is missing.</summary>
public static class Soon
{
    private const int LooksAtOnce = 50; // most is so after a few; then the processor is left to what is waited for
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(1);

    /// <summary>Far more than a busy machine takes: a test is not to fail because others compute beside it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static CancellationToken Token => new CancellationTokenSource(Patience).Token;

    public static Task<T> In<T>(Task<T> task) => task.WaitAsync(Patience);

    public static Task In(Task task) => task.WaitAsync(Patience);

    /// <summary>Looks until something is so that nothing announces.</summary>
    public static async Task UntilAsync(Func<bool> isSo)
    {
        var (late, looks) = (Token, 0);
        while (!isSo())
        {
            late.ThrowIfCancellationRequested();
            if (++looks < LooksAtOnce) await Task.Yield();
            else await Task.Delay(LookAgain, CancellationToken.None);
        }
    }
}
