using Samovar.Scheduling.Fairness;

namespace Samovar.Scheduling.Budgets;

/// <summary>
/// What one holder has taken of a share: grows and shrinks with what it holds, and is given back once. Safe for all threads.
/// </summary>
public sealed class ByteClaim(FlowShare share, FlowId flow) : IDisposable
{
    private readonly Lock _gate = new();
    private long _bytes;
    private bool _isOver;

    /// <summary>Bytes that are claimed.</summary>
    public long Bytes { get { lock (_gate) return _bytes; } }

    /// <summary>Claims that many bytes in all; false, and the claim as it was, when there is no room.</summary>
    public bool TrySet(long bytes)
    {
        lock (_gate)
        {
            if (_isOver) return false;
            if (bytes > _bytes && !share.TryTake(flow, bytes - _bytes)) return false;
            if (bytes < _bytes) share.GiveBack(flow, _bytes - bytes);
            _bytes = bytes;
            return true;
        }
    }

    /// <summary>Takes that many bytes in all, and waits while there is no room. For a claim that holds nothing yet.</summary>
    public async ValueTask TakeAsync(long bytes, CancellationToken takerGone)
    {
        await share.TakeAsync(flow, bytes, takerGone);
        lock (_gate)
        {
            if (_isOver) share.GiveBack(flow, bytes);
            else _bytes += bytes;
        }
    }

    /// <summary>Gives all of it back, once; nothing can be claimed afterwards.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isOver = true;
            share.GiveBack(flow, _bytes);
            _bytes = 0;
        }
    }
}
