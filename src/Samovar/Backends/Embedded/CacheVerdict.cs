using Samovar.Backends.Embedded.Rendering;
using Samovar.Chains;
using Samovar.Context;
using Samovar.Engine;
using Samovar.Protocol.Responses;

namespace Samovar.Backends.Embedded;

/// <summary>Says to a client that asks why its tokens were cached, or not, against an earlier response.</summary>
/// <remarks>
/// A response of the turn's own chain is compared as a whole: its input and its output. Of any other only the prompt can be had
/// again, so what it said does not count.
/// </remarks>
internal static class CacheVerdict
{
    private const int RestTokens = 4; // the end of a prompt is computed again, however much of it is there

    /// <param name="compared">The response to compare with; null when nobody asked, or it is not known.</param>
    /// <param name="context">The turn's own chain.</param>
    /// <param name="plan">This turn's prompt.</param>
    /// <param name="end">What the engine counted.</param>
    public static CacheDiagnostics? Of(ChainNode? compared, TurnContext context, PromptPlan plan, EngineTurnEnd end)
    {
        if (compared is null) return null;
        if (compared.State is not EmbeddedState state) return new CacheDiagnostics.Unavailable();
        if (IsOfChain(compared, context.Parent)) return OfChain(state, plan, end);
        var verdict = OfOther(state, plan, end);
        return verdict is CacheDiagnostics.Miss { Reason: MissReasons.Input } miss && context.IsBehindCompaction
            ? miss with { Reason = MissReasons.Compacted } : verdict;
    }

    private static bool IsOfChain(ChainNode compared, ChainNode? newest)
    {
        var node = newest;
        while (node is not null && node.Id != compared.Id) node = node.Parent;
        return node is not null;
    }

    /// <summary>
    /// Why tokens that the chain had before were prefilled again; null when none were. A response's newest token is never computed in it.
    /// </summary>
    public static string? MissCause(BackendTurn turn, PromptPlan plan, EngineTurnEnd end) => WasPrepared(plan, end) ? null
        : plan.MissReason ?? (end.CachedTokens >= plan.Shared - 1 ? null
            : (turn.ParentState as EmbeddedState)?.LostBy ?? MissReasons.Evicted);

    /// <summary>Whether what the template rewrote was computed before the question came.</summary>
    private static bool WasPrepared(PromptPlan plan, EngineTurnEnd end) =>
        plan is { MissReason: MissReasons.Rewritten, Prepared: > 0 } && end.CachedTokens >= plan.Prepared - 1;

    private static CacheDiagnostics OfChain(EmbeddedState state, PromptPlan plan, EngineTurnEnd end)
    {
        if (WasPrepared(plan, end)) return new CacheDiagnostics.Hit();
        var reusable = plan.Path.GrewFrom(state.Path)
            ? state.Path.Length
            : state.Path.ToArray().AsSpan().CommonPrefixLength(plan.Path.ToArray());
        if (reusable < state.Path.Length - 1) // its newest token is never computed in it
            return Miss(state, plan, end, reusable, isOfChain: true);
        // equal, but its state was given up
        return end.CachedTokens >= reusable - 1 ? new CacheDiagnostics.Hit() : new CacheDiagnostics.Unavailable();
    }

    private static CacheDiagnostics OfOther(EmbeddedState state, PromptPlan plan, EngineTurnEnd end)
    {
        var smaller = Math.Min(state.PromptTokens, plan.Path.Length) - RestTokens;
        if (end.CachedTokens >= smaller) return new CacheDiagnostics.Hit();
        var reusable = state.Path.ToArray().AsSpan(0, state.PromptTokens).CommonPrefixLength(plan.Path.ToArray());
        return reusable >= smaller ? new CacheDiagnostics.Unavailable() : Miss(state, plan, end, reusable, isOfChain: false);
    }

    private static CacheDiagnostics.Miss Miss(EmbeddedState state, PromptPlan plan, EngineTurnEnd end, int reusable, bool isOfChain)
    {
        var isCut = plan.MissReason == MissReasons.Truncated;
        var reason = isCut ? MissReasons.Truncated : plan.Settings.ChangeFrom(state.Settings)
            ?? (plan.MissReason == MissReasons.Rewritten && isOfChain ? MissReasons.Rewritten : MissReasons.Input);
        return new CacheDiagnostics.Miss(plan.Path.Length - end.CachedTokens, reason, reusable);
    }
}
