namespace Samovar.Chains;

/// <summary>Counts those who may continue from a response: the last one lets its warm state go.</summary>
internal sealed class ChainHold
{
    private int _holders;
    private int _isReleased;

    public void Hold() => Interlocked.Increment(ref _holders);

    /// <summary>Whether nobody holds it any more, for the first time.</summary>
    /// <remarks>
    /// A node found in a store may be evicted before its turn holds it: then the count returns to zero twice, and the state goes once.
    /// </remarks>
    public bool LetGo() => Interlocked.Decrement(ref _holders) == 0 && Interlocked.Exchange(ref _isReleased, 1) == 0;
}
