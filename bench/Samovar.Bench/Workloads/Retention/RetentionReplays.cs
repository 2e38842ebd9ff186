using Samovar.Engine.Retention;

namespace Samovar.Bench.Workloads.Retention;

/// <summary>One way to choose who is given up, and what came of it.</summary>
/// <param name="Name">As tables have it.</param>
/// <param name="Tokens">Prefilled beyond new; NaN where only seconds are known.</param>
internal sealed record ReplayRow(string Name, double Tokens, double Seconds);

/// <summary>All ways with one seed and one budget after the other.</summary>
internal sealed class RetentionReplays
{
    public const string Optimum = "optimum by tokens", Foresight = "foresight by time", Bound = "bound by time";
    public const string ByTokens = " by tokens", ByTime = " by time", Learned = ", other half learned";
    public const string Said = ", ends said";
    private readonly RetentionPlan _plan;
    private readonly IReadOnlyList<SessionShape> _judged, _other;
    private readonly int _seed, _blockTokens;
    private readonly LeastSeconds _least;

    public RetentionReplays(RetentionPlan plan, IReadOnlyList<SessionShape> shapes, int seed)
    {
        (_plan, _seed, _judged, _other, _blockTokens) = (plan, seed, shapes, [], shapes[0].BlockTokens);
        if (plan.Crosses)
        {
            var order = shapes.ToArray();
            new Random((seed + 1) / 2).Shuffle(order); // two seeds share a split, and each half is judged once
            var half = order.Length / 2;
            (_judged, _other) = seed % 2 == 1 ? (order[..half], order[half..]) : (order[half..], order[..half]);
        }
        var waits = new List<Wait>();
        Live = new Replay(new FurthestNextUse(), long.MaxValue, plan.Cost, IsSmall ? waits : null).Run(Sessions());
        _least = new LeastSeconds(waits);
    }

    /// <summary>With room for all that is asked for again: its most is the live tokens.</summary>
    public ReplayFigures Live { get; }

    public double LiveTokens => (double)Live.BlocksMax * _blockTokens;

    public double NewTokens => (double)Live.NewBlocks * _blockTokens;

    private bool IsSmall => _plan.Sessions == 0; // what is noted of each wait does not fit for any number of sessions

    public IEnumerable<ReplayRow> Rows(double percent)
    {
        var blocksMax = (long)(Live.BlocksMax * percent / 100);
        yield return Play(RetentionNames.Recency, new PolicyOrder(new RecencyPolicy(), _plan.Cost), blocksMax);
        yield return Play(RetentionNames.Timed, new PolicyOrder(new TimedPolicy(), _plan.Cost), blocksMax);
        foreach (var (name, cost) in new[] { (ByTokens, PrefillCost.Flat), (ByTime, _plan.Cost) })
        {
            yield return Play(RetentionNames.Value + name, new PolicyOrder(new ValuePolicy(), cost), blocksMax);
            yield return Play(RetentionNames.Value + name + Said, new PolicyOrder(new ValuePolicy(), cost, hearsEnds: true), blocksMax);
            if (_plan.Crosses) yield return Play(RetentionNames.Value + name + Learned, new PolicyOrder(Taught(cost), cost), blocksMax);
        }
        yield return Play(Optimum, new FurthestNextUse(), blocksMax);
        yield return Play(Foresight, new LeastSavedPerWait(_plan.Cost), blocksMax);
        if (IsSmall) yield return new ReplayRow(Bound, double.NaN, _least.For(blocksMax));
    }

    private ReplayRow Play(string name, IVictimOrder order, long blocksMax)
    {
        var figures = new Replay(order, blocksMax, _plan.Cost).Run(Sessions());
        return new ReplayRow(name, (double)figures.AgainBlocks * _blockTokens, figures.AgainSeconds);
    }

    /// <summary>A policy that has seen the other half's sessions, and none of those by which it is judged.</summary>
    private ValuePolicy Taught(PrefillCost cost)
    {
        var policy = new ValuePolicy();
        new Replay(new PolicyOrder(policy, cost), long.MaxValue, cost).Run(new Arrivals(_other, _plan.AtOnce, _seed).Recorded());
        return policy;
    }

    private IEnumerable<SessionPlay> Sessions()
    {
        var arrivals = new Arrivals(_judged, _plan.AtOnce, _seed);
        return _plan.Sessions == 0 ? arrivals.Recorded() : arrivals.Drawn(_plan.Sessions);
    }
}
