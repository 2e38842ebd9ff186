namespace Samovar.Stores;

/// <summary>
/// Whether a store's clock goes on as time passes here. One that was set forward makes old what is not: there is a while to set it right
/// before anything is removed or given up by it. A process that starts cannot know whether it was set just before: it waits as well.
/// </summary>
/// <param name="settledAfter">How long it must have gone on after it was set, or first seen; a tenth of it is no jump.</param>
internal sealed class SteadyClock(TimeProvider time, TimeSpan settledAfter)
{
    private (DateTimeOffset Store, long Here)? _before;
    private long? _unsettledSince;

    /// <summary>Whether the last look found that it had been set.</summary>
    public bool WasSet { get; private set; }

    /// <param name="now">What it says now.</param>
    public bool IsSteady(DateTimeOffset now)
    {
        var here = time.GetTimestamp();
        WasSet = _before is var (store, then)
            && (now - store - time.GetElapsedTime(then, here)).Duration() > settledAfter / 10;
        if (_before is null || WasSet) _unsettledSince = here;
        _before = (now, here);
        if (_unsettledSince is { } since && time.GetElapsedTime(since, here) >= settledAfter) _unsettledSince = null;
        return _unsettledSince is null;
    }
}
