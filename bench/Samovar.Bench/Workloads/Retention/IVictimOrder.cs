using Samovar.Engine;
using Samovar.Engine.Retention;

namespace Samovar.Bench.Workloads.Retention;

/// <summary>Who is given up first: a policy that knows what has happened, or one that knows what will.</summary>
internal interface IVictimOrder
{
    double Worth(PlayedSegment segment, double now);

    double WorthUntil(PlayedSegment segment, double now);

    void Ended(TurnEnding ending, double at);

    void Returned(TurnEnding ending, double endedAt, double at);
}

/// <summary>As the engine does it.</summary>
/// <param name="hearsEnds">Whether clients say which turn of a conversation is its last.</param>
internal sealed class PolicyOrder(IRetentionPolicy policy, PrefillCost cost, bool hearsEnds = false) : IVictimOrder
{
    public double Worth(PlayedSegment segment, double now) => policy.Worth(StateOf(segment), TimeSpan.FromSeconds(now));

    public double WorthUntil(PlayedSegment segment, double now) =>
        policy.WorthUntil(StateOf(segment), TimeSpan.FromSeconds(now)) is var until && until == TimeSpan.MaxValue
            ? double.PositiveInfinity : until.TotalSeconds;

    public void Ended(TurnEnding ending, double at) => policy.Ended(ending, TimeSpan.FromSeconds(at));

    public void Returned(TurnEnding ending, double endedAt, double at) =>
        policy.Returned(ending, TimeSpan.FromSeconds(endedAt), TimeSpan.FromSeconds(at));

    private HeldState StateOf(PlayedSegment at)
    {
        var (session, segment) = at;
        var shape = session.Shape;
        var (from, kept) = ((double)shape.Segments[segment].From * shape.BlockTokens, session.Kept[segment] * (double)shape.BlockTokens);
        var last = shape.Turns[session.LastTurn[segment]];
        var users = session.Users[segment] - (hearsEnds ? session.Over[segment] : 0);
        return new HeldState
        {
            Bytes = (long)kept, RecomputeSeconds = cost.Seconds(from, from + kept),
            Users = users, LastUsed = TimeSpan.FromSeconds(session.End(session.LastTurn[segment])),
            Ending = !hearsEnds || !last.IsLast ? last.Ending : users <= 0 ? new TurnEnding(StopKind.Final) : default,
        };
    }
}

/// <summary>
/// Belady's: what is needed last goes first, and what never is at once. Where each block costs as much as any other, no order computes
/// fewer.
/// </summary>
internal sealed class FurthestNextUse : IVictimOrder
{
    public double Worth(PlayedSegment segment, double now) =>
        segment.Session.NextTurn[segment.Segment] is >= 0 and var turn ? -segment.Session.Start(turn) : double.NegativeInfinity;

    public double WorthUntil(PlayedSegment segment, double now) => double.PositiveInfinity;

    public void Ended(TurnEnding ending, double at)
    {
    }

    public void Returned(TurnEnding ending, double endedAt, double at)
    {
    }
}

/// <summary>Knows the future as well, and weighs it: the seconds that are saved for each byte and second of waiting.</summary>
internal sealed class LeastSavedPerWait(PrefillCost cost) : IVictimOrder
{
    private const double Step = 0.05; // of the wait that is left, for which worth is taken as constant

    public double Worth(PlayedSegment at, double now)
    {
        var (session, segment) = at;
        if (session.NextTurn[segment] is < 0) return double.NegativeInfinity;
        var shape = session.Shape;
        var (from, kept) = ((double)shape.Segments[segment].From * shape.BlockTokens, session.Kept[segment] * (double)shape.BlockTokens);
        return cost.Seconds(from, from + kept) / kept / Math.Max(1e-3, session.Start(session.NextTurn[segment]) - now);
    }

    public double WorthUntil(PlayedSegment at, double now) => at.Session.NextTurn[at.Segment] is >= 0 and var turn
        ? now + Math.Max(1e-2, (at.Session.Start(turn) - now) * Step) : double.PositiveInfinity;

    public void Ended(TurnEnding ending, double at)
    {
    }

    public void Returned(TurnEnding ending, double endedAt, double at)
    {
    }
}
