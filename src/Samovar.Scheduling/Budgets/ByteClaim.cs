using Samovar.Scheduling.Fairness;

namespace Samovar.Scheduling.Budgets;

/// <summary>
/// What is taken of a share for one thing: grows and shrinks with it, and is given back once, when the last of its holders lets it go. Safe
/// for all threads.
/// </summary>
public sealed class ByteClaim(FlowShare share, FlowId flow) : IDisposable
{
    private readonly Lock _gate = new();
    private long _bytes;
    private int _holders = 1; // the claim's maker, and those who share it
    private bool _isLeft; // by its maker
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

    /// <summary>Somebody else holds the same thing, too: it stays claimed until both have let it go.</summary>
    /// <returns>To be disposed by the other holder.</returns>
    public IDisposable Share()
    {
        lock (_gate) _holders++;
        return new Holder(this);
    }

    /// <summary>Its maker holds it no longer; where nobody does, all of it is given back, and nothing can be claimed afterwards.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isLeft) return;
            _isLeft = true;
            Leave();
        }
    }

    /// <summary>Under the gate.</summary>
    private void Leave()
    {
        if (--_holders > 0) return;
        _isOver = true;
        share.GiveBack(flow, _bytes);
        _bytes = 0;
    }

    private sealed class Holder(ByteClaim claim) : IDisposable
    {
        private bool _isLeft;

        public void Dispose()
        {
            lock (claim._gate)
            {
                if (_isLeft) return;
                _isLeft = true;
                claim.Leave();
            }
        }
    }
}
