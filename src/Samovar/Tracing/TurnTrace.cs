using System.Buffers;
using System.Numerics;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Responses;

namespace Samovar.Tracing;

/// <summary>
/// One turn's life while it goes on and afterwards: times and amounts, nothing of what was said. Bounded; safe for all threads.
/// </summary>
/// <remarks>
/// Its room is used again by later turns: thousands of traces are kept for a time, and memory that lives so long and then dies is what the
/// collector works hardest for. There is always room for the first stretch of each stage. Writes come once a token: the first ones stand
/// alone, later ones in runs of equal number, which doubles, two runs becoming one, whenever writes have no room left. So a long answer is
/// shown from its begin to its end, and nothing of it is lost from the sums; what is noted for a write is a few additions.
/// </remarks>
internal sealed class TurnTrace
{
    private const int Stages = (int)TraceStage.Store + 1;
    private const int WritesShare = 2, WriteSpansMax = 48, AloneShare = 4; // of all spans; of those of writes
    private const int RunLengthMax = 1 << 20;
    private const int FirstSpans = 16; // of most turns all
    private const long Unknown = long.MinValue;
    private readonly Lock _lock = new();
    private TraceSpan[] _spans = ArrayPool<TraceSpan>.Shared.Rent(FirstSpans);
    private int _count;
    private readonly int _spansMax;
    private uint _seen; // a bit for each stage
    private int _writes; // spans of them
    private int _run = -1, _runRoom, _runLength = 1; // the last of these, how many more it takes, how many each takes
    private int _stage = -1;
    private (TraceStage Stage, long From)? _open;
    private long _endedAt = Unknown, _firstOutputAt = Unknown;
    private bool _isRead;

    /// <param name="arrivedAt">By <c>TimeProvider.GetTimestamp</c>.</param>
    public TurnTrace(TenantId tenant, ResponseId response, LaneId lane, long arrivedAt, int spansMax) =>
        (Tenant, Response, Lane, ArrivedAt, _spansMax) = (tenant, response, lane, arrivedAt, spansMax);

    public TenantId Tenant { get; }
    public ResponseId Response { get; }
    public LaneId Lane { get; }

    /// <summary>Stretches that it keeps.</summary>
    public int SpansMax => _spansMax;

    /// <summary>By <c>TimeProvider.GetTimestamp</c>.</summary>
    public long ArrivedAt { get; }

    /// <summary>The same by the clock.</summary>
    public DateTimeOffset ArrivedOn { get; init; }

    /// <summary>By <c>TimeProvider.GetTimestamp</c>; null while the turn goes on.</summary>
    public long? EndedAt => Known(ref _endedAt);

    /// <summary>When its first output was there, by <c>TimeProvider.GetTimestamp</c>.</summary>
    public long? FirstOutputAt => Known(ref _firstOutputAt);

    /// <summary>The response that it goes on from; null where there is none, or it is not known yet.</summary>
    public ResponseId? Parent { get; set; }

    /// <summary>Whether nobody waits at a socket for it.</summary>
    public bool IsBackground { get; init; }

    /// <summary>How it ended; null where it has not.</summary>
    public TraceEnd? Outcome { get; set; }

    /// <summary>What it reused of the cache and what that cost; null where its backend did not say.</summary>
    public CacheDetails? Cache { get; set; }

    /// <summary>The stage that has begun last and goes on; null where none is known.</summary>
    public TraceStage? Stage => Volatile.Read(ref _stage) is >= 0 and var stage ? (TraceStage)stage : null;

    /// <summary>Notes that a stage begins now, for those who watch.</summary>
    public void Enter(TraceStage stage) => Volatile.Write(ref _stage, (int)stage);

    /// <summary>Notes that a stage begins; where nobody notes its end, the next stage's begin or the turn's end is.</summary>
    public void Enter(TraceStage stage, long at)
    {
        Enter(stage);
        lock (_lock)
        {
            Close(at);
            _open = (stage, at);
        }
    }

    /// <summary>Notes that the stage which was entered last is over.</summary>
    public void Leave(TraceStage stage, long at, long amount = 0, string? detail = null)
    {
        lock (_lock)
        {
            if (_open is not { } open || open.Stage != stage) return;
            _open = null;
            Append(new TraceSpan(stage, open.From, at, amount) { Detail = detail });
        }
    }

    /// <summary>Notes a stretch that is over.</summary>
    /// <param name="detail">A destination, a fault, where something was found: nothing of what was said.</param>
    public void Add(TraceStage stage, long from, long to, long amount = 0, string? detail = null) =>
        Add(new TraceSpan(stage, from, to, amount) { Detail = detail });

    /// <inheritdoc cref="Add(TraceStage, long, long, long, string)"/>
    public void Add(TraceSpan span)
    {
        lock (_lock) Append(span);
    }

    /// <summary>Notes a write to the client. Once its last event was written, others read it again: that is not its life.</summary>
    public void Write(long from, long to, long bytes, bool isLast)
    {
        lock (_lock)
        {
            if (_isRead) return;
            _isRead = isLast;
            if (_runRoom == 0) BeginRun(new TraceSpan(TraceStage.Write, from, to, bytes));
            else
            {
                _runRoom--;
                _spans[_run].Take(from, to, bytes);
            }
        }
    }

    public void FirstOutput(long at) => Volatile.Write(ref _firstOutputAt, at);

    public void End(long at)
    {
        lock (_lock) Close(at);
        Volatile.Write(ref _endedAt, at);
        Volatile.Write(ref _stage, -1);
    }

    /// <summary>In the order in which they were noted.</summary>
    public IReadOnlyList<TraceSpan> Spans()
    {
        lock (_lock) return [.. _spans.AsSpan(0, _count)];
    }

    /// <summary>It is forgotten: whoever still has it sees no stretches any more.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            Return();
            (_spans, _count, _runRoom, Cache) = ([], 0, 0, null);
        }
    }

    private void Close(long at)
    {
        if (_open is { } open) Append(new TraceSpan(open.Stage, open.From, at, 0));
        _open = null;
    }

    private void Append(TraceSpan span)
    {
        if (_spans.Length == 0) return; // forgotten
        if (HasRoom(span.Stage))
        {
            Place(span);
            return;
        }
        var at = _count - 1;
        while (_spans[at].Stage != span.Stage) at--;
        _spans[at].Take(span);
    }

    private void Place(TraceSpan span)
    {
        if (_count == _spans.Length) Grow();
        _spans[_count++] = span;
    }

    private void BeginRun(TraceSpan write)
    {
        if (_spans.Length == 0) return; // forgotten
        var hasRoom = HasRoomForRun();
        if (!hasRoom)
        {
            Halve();
            hasRoom = HasRoomForRun();
        }
        if (hasRoom) (_run, _writes) = (_count, _writes + 1);
        if (hasRoom) Place(write);
        else _spans[_run].Take(write); // other stages have all the room
        if (!hasRoom || _writes > WritesAlone) _runRoom = _runLength - 1;
    }

    /// <summary>Of two runs one is made.</summary>
    private void Halve()
    {
        var (kept, writes, half) = (0, 0, -1);
        for (var at = 0; at < _count; at++)
        {
            var isRun = _spans[at].Stage == TraceStage.Write && ++writes > WritesAlone;
            if (isRun && half >= 0)
            {
                _spans[half].Take(_spans[at]);
                (half, _writes) = (-1, _writes - 1);
                continue;
            }
            if (isRun) half = kept;
            if (_spans[at].Stage == TraceStage.Write) _run = kept;
            _spans[kept++] = _spans[at];
        }
        _spans.AsSpan(kept, _count - kept).Clear();
        _count = kept;
        _runLength = Math.Min(2 * _runLength, RunLengthMax);
    }

    private bool HasRoomForRun() => _writes < WritesMax && HasRoom(TraceStage.Write);

    private int WritesMax => Math.Min(WriteSpansMax, _spansMax / WritesShare);

    private int WritesAlone => WritesMax / AloneShare;

    private void Grow()
    {
        var larger = ArrayPool<TraceSpan>.Shared.Rent(2 * _count);
        _spans.AsSpan(0, _count).CopyTo(larger);
        Return();
        _spans = larger;
    }

    private void Return()
    {
        if (_spans.Length == 0) return;
        _spans.AsSpan(0, _count).Clear(); // of texts
        ArrayPool<TraceSpan>.Shared.Return(_spans);
    }

    private bool HasRoom(TraceStage stage)
    {
        var bit = 1u << (int)stage;
        var isFirst = (_seen & bit) == 0;
        _seen |= bit;
        return isFirst || _count < _spansMax - (Stages - BitOperations.PopCount(_seen));
    }

    private static long? Known(ref long at) => Volatile.Read(ref at) is var known && known != Unknown ? known : null;
}
