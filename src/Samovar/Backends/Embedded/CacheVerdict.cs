using Samovar.Backends.Embedded.Rendering;
using Samovar.Chains;
using Samovar.Engine;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Responses;

namespace Samovar.Backends.Embedded;

/// <summary>Says to a client that asks why its tokens were cached, or not, against an earlier response.</summary>
internal static class CacheVerdict
{
    /// <param name="asked">The response to compare with; null when nobody asked.</param>
    /// <param name="parent">The chain, where alone it can be found.</param>
    /// <param name="plan">This turn's prompt.</param>
    /// <param name="end">What the engine counted.</param>
    public static CacheDiagnostics? Of(ResponseId? asked, ChainNode? parent, PromptPlan plan, EngineTurnEnd end)
    {
        if (asked is not { } id) return null;
        var node = parent;
        while (node is not null && node.Id != id) node = node.Parent;
        if (node is null) return new CacheDiagnostics.ComparisonNotFound();
        if (node.State is not EmbeddedState state) return new CacheDiagnostics.Unavailable();
        var reusable = plan.Path.GrewFrom(state.Path)
            ? state.Path.Length
            : state.Path.ToArray().AsSpan().CommonPrefixLength(plan.Path.ToArray());
        if (reusable < state.Path.Length - 1) // the newest token of a response is never computed in it
        {
            var isCut = plan.MissReason == MissReasons.Truncated;
            var reason = isCut ? MissReasons.Truncated : plan.Settings.ChangeFrom(state.Settings) ?? MissReasons.Input;
            return new CacheDiagnostics.Miss(plan.Path.Length - end.CachedTokens, reason, reusable);
        }
        // equal, but its state was given up
        return end.CachedTokens >= reusable - 1 ? new CacheDiagnostics.Hit() : new CacheDiagnostics.Unavailable();
    }
}
