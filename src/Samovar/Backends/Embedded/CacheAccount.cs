using Samovar.Backends.Embedded.Rendering;
using Samovar.Engine;
using Samovar.Protocol.Responses;

namespace Samovar.Backends.Embedded;

/// <summary>What a turn reused, from where, and what it cost: for those who ask, and for the turn's trace.</summary>
internal static class CacheAccount
{
    private const string Budget = "Engine:ParkedBytesMax";

    /// <summary>Notes in the turn's report what came of its cache.</summary>
    public static void Note(BackendTurn turn, PromptPlan plan, EngineTurnEnd end, CacheVerdict? verdict, ITokenizer tokenizer)
    {
        turn.Report.MissCause = MissCauses.Of(turn, plan, end);
        if (turn.Times is null && !turn.Request.WantsCacheDetails) return;
        turn.Report.Cache = new CacheDetails
        {
            PromptTokens = plan.Path.Length,
            CachedTokens = end.CachedTokens,
            RecomputedTokens = MissCauses.Recomputed(turn, plan, end),
            Reason = turn.Report.MissCause,
            Tiers = [.. Tiers(end)],
            LeftAt = LeftAt(turn, plan, verdict, tokenizer),
            Evicted = end.Lost is { } lost ? new CacheEviction(lost.At, NameOf(lost.Place), Budget) : null,
            TakenOver = turn.TakenOver,
            IsRenderedWhole = !plan.IsIncremental,
            RenderedWholeBecause = plan.WholeBecause,
        };
    }

    private static IEnumerable<CacheTier> Tiers(EngineTurnEnd end)
    {
        if (end.CachedTokens > 0) yield return new CacheTier(NameOf(end.Source), end.CachedTokens, end.Restored.TotalMilliseconds);
        yield return new CacheTier(CacheTier.Computed, end.PrefilledTokens, Math.Max(0, (end.FirstToken - end.Queued).TotalMilliseconds));
    }

    private static CacheDeparture? LeftAt(BackendTurn turn, PromptPlan plan, CacheVerdict? verdict, ITokenizer tokenizer)
    {
        if (verdict is not null)
        {
            var at = verdict.Departure?.At;
            return at is not null && turn.Comparison is { Store: false } of && of.Id != turn.Context.Parent?.Id
                ? at.WithoutNames() with { Before = null } : at; // a client may compare with what it may not read
        }
        return turn is { Report.MissCause: MissReasons.Evicted or MissReasons.Unloaded or MissReasons.Taken or null }
            || turn.Context.Parent is not { } parent || turn.ParentState is not EmbeddedState state ? null
            : ContextDeparture.InChain(parent, state, turn, plan, plan.Shared, tokenizer).At;
    }

    private static string NameOf(CacheSource source) => source switch
    {
        CacheSource.OtherStream => "other_stream",
        CacheSource.Parked => "host_memory",
        CacheSource.Disk => "disk",
        _ => "cells",
    };

    private static string NameOf(LossPlace place) => place == LossPlace.Cells ? "cells" : "host_memory";
}
