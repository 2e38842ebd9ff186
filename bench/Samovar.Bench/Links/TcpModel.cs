namespace Samovar.Bench.Links;

/// <summary>
/// When what one side of a TCP connection sends arrives at the other, on a link of some shape: a window that grows by what was
/// acknowledged (slow start, then by a segment a round trip), halves once for the losses of a window, falls to one segment where only the
/// timer notices, and begins again after a silence, as Linux does it by default with selective acknowledgements (RFC 5681, 6298, 6675,
/// 6928, 2861). One direction; time is what the caller says it is.
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
    private readonly PriorityQueue<(TimeSpan SentAt, int Bytes), TimeSpan> _outstanding = new(); // by when they are acknowledged
    private readonly PriorityQueue<(TimeSpan SentAt, bool IsTimer), TimeSpan> _losses = new(); // by when they are noticed
    private double _window = FirstWindow, _threshold = double.PositiveInfinity;
    private int _inFlight;
    private TimeSpan _lastSent, _lastArrival, _reducedAt = TimeSpan.MinValue;

    private TimeSpan Timeout => TimeSpan.FromTicks(Math.Max(TimeoutMin.Ticks, (roundTrip * 1.5).Ticks));

    /// <summary>Sends bytes that are there at a time, not before those that were sent earlier.</summary>
    /// <param name="hasMore">Whether more follows at once.</param>
    /// <returns>When the last of them can be read at the other side.</returns>
    public TimeSpan Send(int bytes, TimeSpan now, bool hasMore = false)
    {
        Hear(now);
        if (now - _lastSent > Timeout && _inFlight == 0) _window = Math.Min(_window, FirstWindow);
        for (var left = bytes; left > 0; left -= SegmentBytes)
            SendSegment(Math.Min(left, SegmentBytes), now, isNearEnd: !hasMore && left <= SegmentBytes * DuplicatesForLoss);
        return _lastArrival;
    }

    private void SendSegment(int bytes, TimeSpan now, bool isNearEnd)
    {
        var at = now > _lastSent ? now : _lastSent;
        Hear(at);
        while (_inFlight + bytes > _window && _outstanding.TryPeek(out _, out var acknowledged))
            Hear(at = acknowledged > at ? acknowledged : at);
        var sent = line.Send(bytes, at);
        var arrival = sent + (roundTrip / 2);
        while (random.NextDouble() < loss)
        {
            var noticed = isNearEnd ? Timeout : roundTrip; // where too little follows, only the timer tells that it was lost
            _losses.Enqueue((at, isNearEnd), arrival - (roundTrip / 2) + noticed);
            arrival += noticed;
        }
        _outstanding.Enqueue((at, bytes), arrival + (roundTrip / 2));
        _lastArrival = arrival > _lastArrival ? arrival : _lastArrival; // what came before its turn waits
        _lastSent = at;
        _inFlight += bytes;
    }

    /// <summary>Takes what the other side has said by then.</summary>
    private void Hear(TimeSpan until)
    {
        while (true)
        {
            var hasLoss = _losses.TryPeek(out var lost, out var noticed) && noticed <= until;
            var hasNews = _outstanding.TryPeek(out var sent, out var acknowledged) && acknowledged <= until;
            if (hasLoss && !(hasNews && acknowledged < noticed))
            {
                _losses.Dequeue();
                Reduce(lost.SentAt, lost.IsTimer, noticed);
            }
            else if (hasNews)
            {
                _outstanding.Dequeue();
                Acknowledge(sent.SentAt, sent.Bytes);
            }
            else return;
        }
    }

    /// <summary>Of one window's losses only the first counts.</summary>
    private void Reduce(TimeSpan sentAt, bool isTimer, TimeSpan now)
    {
        if (sentAt < _reducedAt) return;
        _threshold = Math.Max(_window / 2, LeastWindow);
        _window = isTimer ? SegmentBytes : _threshold;
        _reducedAt = now;
    }

    private void Acknowledge(TimeSpan sentAt, int bytes)
    {
        _inFlight -= bytes;
        if (sentAt < _reducedAt) return; // still of the window that was reduced
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
