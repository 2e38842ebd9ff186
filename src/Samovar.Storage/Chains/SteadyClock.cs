namespace Samovar.Storage.Chains;

/// <summary>
/// Whether the database's clock goes on as time passes here. One that was set forward makes chains old that are not: there is a while to
/// set it right before anything is removed by it.
/// </summary>
/// <param name="settledAfter">How long it must have gone on after it was set; a tenth of it is no jump.</param>
internal sealed class SteadyClock(TimeProvider time, TimeSpan settledAfter)
{
    private (long Database, long Here)? _before;
    private long? _set; // when it was seen to be set

    /// <param name="databaseNow">What it says now, in milliseconds.</param>
    public bool IsSteady(long databaseNow)
    {
        var here = time.GetTimestamp();
        if (_before is var (database, then))
        {
            var ahead = TimeSpan.FromMilliseconds(databaseNow - database) - time.GetElapsedTime(then, here);
            if (ahead.Duration() > settledAfter / 10) _set = here;
        }
        _before = (databaseNow, here);
        if (_set is { } set && time.GetElapsedTime(set, here) >= settledAfter) _set = null;
        return _set is null;
    }
}
