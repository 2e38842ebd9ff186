using Samovar.Engine;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Scheduling.Fairness;

namespace Samovar.Backends.Models;

/// <summary>Prefixes of the pool's models: one that is warmed loads its model, one that is asked about does not.</summary>
internal sealed class PooledPrefixes(ModelPool pool, ModelsOptions options) : IPrefixKeeping
{
    public async ValueTask<PrefixPlan> PlanAsync(BackendTurn turn, CancellationToken caller)
    {
        var name = turn.Model ?? pool.Models[0].Name;
        using var lease = await AcquireAsync(name, turn.Flow, caller);
        return await PrefixesOf(lease, name).PlanAsync(turn, caller) with { Model = name };
    }

    public async Task<PrefixWarmth> WarmAsync(PrefixPlan plan, PrefixOwner owner, Action<int> computed, CancellationToken dropped)
    {
        using var lease = await AcquireAsync(plan.Model, owner.Flow, dropped);
        return await PrefixesOf(lease, plan.Model).WarmAsync(plan, owner, computed, dropped);
    }

    public bool IsLoaded(string model) => pool.Conditions.Any(one => one.Name == model && one.Engine is not null);

    public async Task<IReadOnlyList<ModelPrefixes>> SurveyAsync(
        TenantId tenant, IReadOnlyList<KeptPrefix> kept, int startsMax, int tokensMin, CancellationToken caller)
    {
        var found = new List<ModelPrefixes>();
        foreach (var (name, engine) in pool.Conditions.Select(static one => (one.Name, one.Engine)))
            if (engine is not null && await engine.PrefixesAsync(tenant.Value, kept, startsMax, tokensMin, caller) is { } survey)
                found.Add(new ModelPrefixes(name, engine.Model.Identity, survey));
        return found;
    }

    /// <summary>Whoever warms a prefix waits for its model as a client that streams does.</summary>
    private ValueTask<ModelLease> AcquireAsync(string name, FlowId flow, CancellationToken caller) =>
        pool.AcquireAsync(name, flow, options.WaitMax, caller);

    private static IPrefixKeeping PrefixesOf(ModelLease lease, string name) =>
        (lease.Model.Backend as IPrefixBackend)?.Prefixes ?? throw new ApiException(Errors.PrefixesNotKept, name, "model");
}
