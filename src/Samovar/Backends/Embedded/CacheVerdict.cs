using Samovar.Backends.Embedded.Rendering;
using Samovar.Chains;
using Samovar.Context;
using Samovar.Engine;
using Samovar.Protocol.Responses;

namespace Samovar.Backends.Embedded;

/// <summary>Says to a client that asks why its tokens were cached, or not, against an earlier response.</summary>
/// <remarks>
/// A response of the turn's own chain is compared as a whole: its input and its output. Of any other only the prompt can be had
/// again, so what it said does not count. Whether the two differ is known before the turn runs; whether what they share was still
/// there is known behind it.
/// </remarks>
internal sealed record CacheVerdict
{
    private CacheVerdict(PromptPlan plan) => Plan = plan;

    private PromptPlan Plan { get; }

    /// <summary>Tokens that both begin with; null where nobody has the compared one's any more.</summary>
    private int? Reusable { get; init; }

    /// <summary>Cached tokens that make it a hit.</summary>
    private int Wanted { get; init; }

    /// <summary>What took the compared state away, where it is not there.</summary>
    private string LostBy { get; init; } = MissReasons.Evicted;

    /// <summary>Where the two differ; null where they do not.</summary>
    public ContextDeparture? Departure { get; private init; }

    /// <summary>Null where there is nothing to compare with.</summary>
    public static CacheVerdict? Of(BackendTurn turn, PromptPlan plan, string model, ITokenizer tokenizer)
    {
        if (turn.Comparison is not { } compared) return null;
        if (compared.State is not EmbeddedState state) return Stateless(compared, turn, plan, model);
        return IsOfChain(compared, turn.Context.Parent) ? OfChain(compared, state, turn, plan, tokenizer)
            : OfOther(compared, state, turn, plan);
    }

    /// <summary>As far as it is known before the turn runs.</summary>
    public CacheDiagnostics Expected => Departure is { } left ? Miss(left, Plan.Path.Length - (Reusable ?? 0)) : new CacheDiagnostics.Hit();

    /// <summary>What came of it.</summary>
    public CacheDiagnostics Of(EngineTurnEnd end)
    {
        if (MissCauses.WasPrepared(Plan, end) || (Reusable is not null && end.CachedTokens >= Wanted)) return new CacheDiagnostics.Hit();
        return Miss(Departure ?? new ContextDeparture(LostBy, null), Plan.Path.Length - end.CachedTokens);
    }

    private CacheDiagnostics.Miss Miss(ContextDeparture left, int missed) =>
        new(missed, left.Reason, Reusable) { IsOfSystem = left.IsOfSystem };

    private static bool IsOfChain(ChainNode compared, ChainNode? newest)
    {
        var node = newest;
        while (node is not null && node.Id != compared.Id) node = node.Parent;
        return node is not null;
    }

    private static CacheVerdict OfChain(
        ChainNode compared, EmbeddedState state, BackendTurn turn, PromptPlan plan, ITokenizer tokenizer)
    {
        var reusable = plan.Path.GrewFrom(state.Path)
            ? state.Path.Length
            : state.Path.ToArray().AsSpan().CommonPrefixLength(plan.Path.ToArray());
        var isWhole = reusable >= state.Path.Length - 1; // its newest token is never computed in it
        return new CacheVerdict(plan)
        {
            Reusable = reusable, Wanted = isWhole ? reusable - 1 : state.Path.Length - 1, LostBy = MissCauses.LostBy(turn, state),
            Departure = isWhole ? null : ContextDeparture.InChain(compared, state, turn, plan, reusable, tokenizer),
        };
    }

    private static CacheVerdict OfOther(ChainNode compared, EmbeddedState state, BackendTurn turn, PromptPlan plan)
    {
        var smaller = Math.Min(state.PromptTokens, plan.Path.Length) - MissCauses.RestTokens;
        var reusable = state.Path.ToArray().AsSpan(0, state.PromptTokens).CommonPrefixLength(plan.Path.ToArray());
        return new CacheVerdict(plan)
        {
            Reusable = reusable, Wanted = smaller, LostBy = state.LostBy,
            Departure = reusable >= smaller ? null : ContextDeparture.Between(compared, state.Settings, turn, plan),
        };
    }

    /// <summary>Nobody here has its tokens any more, or they were never had here.</summary>
    private static CacheVerdict Stateless(ChainNode compared, BackendTurn turn, PromptPlan plan, string model) => new(plan)
    {
        LostBy = IsOfChain(compared, turn.Context.Parent) ? MissCauses.LostBy(turn, state: null) : MissReasons.Evicted,
        Departure = !string.Equals(compared.Response.Model, model, StringComparison.Ordinal) ? new ContextDeparture(MissReasons.Model, null)
            : turn.Context.IsBehindCompaction ? new ContextDeparture(MissReasons.Compacted, null)
            : IsOfChain(compared, turn.Context.Parent) ? null
            : ContextDeparture.Between(compared, null, turn, plan, isKnownToDiffer: false),
    };
}
