namespace Samovar.Testing;

/// <summary>How long a test waits for what must come at once; when it comes, evidence is missing.</summary>
public static class Soon
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static CancellationToken Token => new CancellationTokenSource(Patience).Token;

    public static Task<T> In<T>(Task<T> task) => task.WaitAsync(Patience);

    public static Task In(Task task) => task.WaitAsync(Patience);

    /// <summary>Looks until something is so that nothing announces.</summary>
    public static async Task UntilAsync(Func<bool> isSo)
    {
        for (var late = Token; !isSo(); await Task.Yield()) late.ThrowIfCancellationRequested();
    }
}
