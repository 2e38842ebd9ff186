using Samovar.Backends.Embedded.Rendering;
using Samovar.Engine;
using Samovar.Protocol.Responses;

namespace Samovar.Backends.Embedded;

/// <summary>Whether a turn missed the cache: more of its chain's tokens were computed again than the few of any prompt's end.</summary>
internal static class MissCauses
{
    /// <summary>The end of a prompt is computed again, however much of it is there.</summary>
    public const int RestTokens = 4;

    /// <summary>A word of <see cref="MissReasons"/>; null where the cache was not missed.</summary>
    public static string? Of(BackendTurn turn, PromptPlan plan, EngineTurnEnd end)
    {
        var again = Recomputed(turn, plan, end);
        if (again <= RestTokens || WasPrepared(plan, end)) return turn.Context.IsFirstBehindCompaction ? MissReasons.Compacted : null;
        var changed = again - Math.Max(0, plan.Shared - 1 - end.CachedTokens); // the others were there to be used, and were not kept
        return changed > RestTokens && plan.MissReason is { } reason ? reason
            : LostBy(turn, turn.ParentState as EmbeddedState);
    }

    /// <summary>Tokens that the chain had, and that were computed again. A response's newest token is never computed in it.</summary>
    public static int Recomputed(BackendTurn turn, PromptPlan plan, EngineTurnEnd end) => turn.ParentState is not EmbeddedState state ? 0
        : Math.Max(0, Math.Min(state.Path.Length, plan.Path.Length) - 1 - end.CachedTokens);

    /// <summary>What took away the state of the turn's own chain, where it is not there.</summary>
    public static string LostBy(BackendTurn turn, EmbeddedState? state) =>
        turn.TakenOver is not null ? MissReasons.Taken : state?.LostBy ?? MissReasons.Evicted;

    /// <summary>Whether what the template rewrote was computed before the question came.</summary>
    public static bool WasPrepared(PromptPlan plan, EngineTurnEnd end) =>
        plan is { MissReason: MissReasons.Rewritten, Prepared: > 0 } && end.CachedTokens >= plan.Prepared - 1;
}
