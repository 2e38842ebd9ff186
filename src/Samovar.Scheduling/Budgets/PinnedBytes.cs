namespace Samovar.Scheduling.Budgets;

/// <summary>What one holder has pinned in a share until its end: it is counted, and never waits. Safe for all threads.</summary>
public sealed class PinnedBytes(FlowShare share) : IDisposable
{
    private readonly Lock _gate = new();
    private long _bytes;
    private bool _isOver;

    /// <summary>Counts that many bytes in all; false, and as it was, beyond what one holder may pin: half of the share.</summary>
    public bool TrySet(long bytes)
    {
        lock (_gate)
        {
            if (_isOver || bytes > share.Share.BytesMax / 2) return false;
            share.Pin(bytes - _bytes);
            _bytes = bytes;
            return true;
        }
    }

    /// <summary>Lets go of all of it, once.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_bytes > 0) share.Pin(-_bytes);
            (_bytes, _isOver) = (0, true);
        }
    }
}
