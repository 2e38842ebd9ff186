using Samovar.Engine;
using Samovar.Protocol.Ids;
using Samovar.Scheduling.Fairness;

namespace Samovar.Backends;

/// <summary>Computes the starts of conversations before anybody begins with them, and keeps their state.</summary>
public interface IPrefixKeeping
{
    /// <summary>What all conversations begin with that begin as this one does.</summary>
    /// <exception cref="Protocol.Errors.ApiException">There is no such prompt, or it is too long.</exception>
    ValueTask<PrefixPlan> PlanAsync(BackendTurn turn, CancellationToken caller);

    /// <summary>Computes a prefix, or finds it, and keeps it. Whoever gets it gives it back.</summary>
    /// <param name="plan">The prefix.</param>
    /// <param name="owner">Whose it is.</param>
    /// <param name="computed">Learns how many tokens were computed, where any were: also for a prefix that is not kept in the end.</param>
    /// <param name="dropped">It is wanted no more.</param>
    /// <exception cref="Protocol.Errors.ApiException">It could not be computed, or would take more memory than it may.</exception>
    Task<PrefixWarmth> WarmAsync(PrefixPlan plan, PrefixOwner owner, Action<int> computed, CancellationToken dropped);

    /// <summary>Whether a model's state is there at all; what it is not is loaded by <see cref="WarmAsync"/>.</summary>
    bool IsLoaded(string model);

    /// <summary>The starts of a tenant's prompts, for each model that is loaded.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="kept">Those of its kept prefixes that are asked about.</param>
    /// <param name="startsMax">Starts that nobody asked to keep: so many of a model's at most.</param>
    /// <param name="tokensMin">The shortest of these.</param>
    /// <param name="caller">Who asks.</param>
    Task<IReadOnlyList<ModelPrefixes>> SurveyAsync(
        TenantId tenant, IReadOnlyList<KeptPrefix> kept, int startsMax, int tokensMin, CancellationToken caller);
}

/// <summary>A backend that keeps state of its own, and so can keep prefixes.</summary>
public interface IPrefixBackend
{
    IPrefixKeeping Prefixes { get; }
}

/// <summary>A prefix as a model sees it.</summary>
/// <param name="Model">Who computes it.</param>
/// <param name="Identity">Of whose state it is a part; another one's tokens mean something else.</param>
/// <param name="Path">Its tokens.</param>
/// <param name="Marks">Where it is saved on the way.</param>
public sealed record PrefixPlan(string Model, string Identity, TokenPath Path, IReadOnlyList<PromptMark> Marks);

/// <summary>Whose prefix it is, and what it may take.</summary>
/// <param name="Tenant">Nobody else ever finds it.</param>
/// <param name="Flow">Whose share of the engine computes it.</param>
/// <param name="IsStored">Whether its state may be written to a disk.</param>
/// <param name="Share">The part of a model's host memory that all kept prefixes may take.</param>
/// <param name="TenantShare">Likewise the tenant's.</param>
public sealed record PrefixOwner(TenantId Tenant, FlowId Flow, bool IsStored, double Share, double TenantShare);

/// <summary>A prefix that is warm now.</summary>
/// <param name="CachedTokens">Tokens of it that were there.</param>
/// <param name="ComputedTokens">Tokens that were computed.</param>
/// <param name="Source">Where the cached ones came from.</param>
public sealed record PrefixWarmth(KeptPrefix Kept, int CachedTokens, int ComputedTokens, CacheSource Source);

/// <summary>The starts of a tenant's prompts on one model.</summary>
public sealed record ModelPrefixes(string Model, string Identity, PrefixSurvey Survey);
