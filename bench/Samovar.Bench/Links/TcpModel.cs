namespace Samovar.Bench.Links;

/// <summary>
/// When what one side of a TCP connection sends arrives at the other, on a link of some shape: a window that grows by what was
/// acknowledged (slow start, then by a segment a round trip), halves at a loss and begins again after a silence, as Linux does it by
/// default (RFC 5681, 6928, 2861). One direction; time is what the caller says it is.
/// </summary>
/// <param name="roundTrip">Of the link.</param>
/// <param name="line">The direction's line, which the connections of a link share.</param>
/// <param name="loss">Share of segments that are lost.</param>
/// <param name="random">Decides which.</param>
internal sealed class TcpModel(TimeSpan roundTrip, LinkLine line, double loss, Random random)
{
    /// <summary>Bytes of a segment on an Ethernet without its headers.</summary>
    public const int SegmentBytes = 1448;
    private const int FirstWindow = 10 * SegmentBytes, LeastWindow = 2 * SegmentBytes, DuplicatesForLoss = 3;
    private static readonly TimeSpan TimeoutMin = TimeSpan.FromMilliseconds(200);
    private readonly Queue<(TimeSpan AcknowledgedAt, int Bytes)> _outstanding = new();
    private double _window = FirstWindow, _threshold = double.PositiveInfinity;
    private int _inFlight;
    private TimeSpan _lastSent, _lastArrival;

    private TimeSpan Timeout => TimeSpan.FromTicks(Math.Max(TimeoutMin.Ticks, (roundTrip * 1.5).Ticks));

    /// <summary>Sends bytes that are there at a time, not before those that were sent earlier.</summary>
    /// <returns>When the last of them can be read at the other side.</returns>
    public TimeSpan Send(int bytes, TimeSpan now)
    {
        if (now - _lastSent > Timeout && _inFlight == 0) _window = Math.Min(_window, FirstWindow);
        for (var left = bytes; left > 0; left -= SegmentBytes)
            SendSegment(Math.Min(left, SegmentBytes), now, isNearEnd: left <= SegmentBytes * DuplicatesForLoss);
        return _lastArrival;
    }

    private void SendSegment(int bytes, TimeSpan now, bool isNearEnd)
    {
        var at = now;
        while (_outstanding.TryPeek(out var oldest) && (oldest.AcknowledgedAt <= at || _inFlight + bytes > _window))
        {
            at = at > oldest.AcknowledgedAt ? at : oldest.AcknowledgedAt;
            Acknowledge(_outstanding.Dequeue().Bytes);
        }
        var sent = line.Send(bytes, at);
        var arrival = sent + (roundTrip / 2);
        while (random.NextDouble() < loss)
        {
            arrival += isNearEnd ? Timeout : roundTrip; // where too little follows, only the timer tells that it was lost
            _threshold = _window = Math.Max(_window / 2, LeastWindow);
        }
        _lastArrival = arrival > _lastArrival ? arrival : _lastArrival; // what came before its turn waits
        _lastSent = sent;
        _inFlight += bytes;
        _outstanding.Enqueue((_lastArrival + (roundTrip / 2), bytes));
    }

    private void Acknowledge(int bytes)
    {
        _inFlight -= bytes;
        _window += _window < _threshold ? bytes : (double)SegmentBytes * bytes / _window;
    }
}

/// <summary>One direction of a link: what is sent waits for what was sent before. Safe for all threads.</summary>
/// <param name="bits">A second; 0 is without limit.</param>
internal sealed class LinkLine(long bits)
{
    private const int HeaderBytes = 66; // Ethernet, IPv4, TCP with timestamps
    private readonly Lock _lock = new();
    private TimeSpan _freeAt;

    /// <returns>When the last bit has left.</returns>
    public TimeSpan Send(int bytes, TimeSpan at)
    {
        if (bits == 0) return at;
        lock (_lock) return _freeAt = (_freeAt > at ? _freeAt : at) + TimeSpan.FromSeconds((bytes + HeaderBytes) * 8.0 / bits);
    }
}
