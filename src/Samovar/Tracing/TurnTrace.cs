using Samovar.Protocol.Ids;

namespace Samovar.Tracing;

/// <summary>A stretch of a turn's life.</summary>
/// <param name="From">By <c>TimeProvider.GetTimestamp</c>, as is the end.</param>
/// <param name="Amount">Tokens, bytes or items, as the stage says.</param>
/// <param name="Count">How many equal stretches it stands for: further ones are added to the last where there is no room for more.</param>
internal readonly record struct TraceSpan(TraceStage Stage, long From, long To, long Amount, int Count = 1);

/// <summary>
/// One turn's life while it goes on and afterwards: times and amounts, nothing of what was said. Bounded; safe for all threads.
/// </summary>
internal sealed class TurnTrace
{
    private readonly Lock _lock = new();
    private readonly List<TraceSpan> _spans = new(8);
    private readonly int _spansMax;

    public TurnTrace(TenantId tenant, ResponseId response, LaneId lane, long arrivedAt, int spansMax) =>
        (Tenant, Response, Lane, ArrivedAt, _spansMax) = (tenant, response, lane, arrivedAt, spansMax);

    public TenantId Tenant { get; }
    public ResponseId Response { get; }
    public LaneId Lane { get; }

    /// <summary>By <c>TimeProvider.GetTimestamp</c>.</summary>
    public long ArrivedAt { get; }

    /// <summary>By <c>TimeProvider.GetTimestamp</c>; null while the turn goes on.</summary>
    public long? EndedAt { get; private set; }

    /// <summary>The stage that has begun last and goes on; null where none is known.</summary>
    public TraceStage? Stage { get; private set; }

    /// <summary>Notes that a stage begins now, for those who watch.</summary>
    public void Enter(TraceStage stage) => Stage = stage;

    /// <summary>Notes a stretch that is over.</summary>
    public void Add(TraceStage stage, long from, long to, long amount = 0)
    {
        lock (_lock)
        {
            if (_spans.Count < _spansMax) _spans.Add(new TraceSpan(stage, from, to, amount));
            else if (_spans.FindLastIndex(span => span.Stage == stage) is >= 0 and var at)
                _spans[at] = _spans[at] with { To = to, Amount = _spans[at].Amount + amount, Count = _spans[at].Count + 1 };
        }
    }

    public void End(long at) => (EndedAt, Stage) = (at, null);

    public IReadOnlyList<TraceSpan> Spans()
    {
        lock (_lock) return [.. _spans];
    }
}
