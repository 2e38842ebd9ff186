using Samovar.Backends;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;

namespace Samovar.Turns;

/// <summary>Says how many tokens a turn's input would have, without running it.</summary>
internal sealed class InputCount(TurnPlanner planner, IdSource ids)
{
    /// <exception cref="ApiException">The request could not run either, or whoever serves its model does not count.</exception>
    public async Task<int> OfAsync(TurnRequest turn, CancellationToken caller)
    {
        var parent = await TurnPlanner.FindParentAsync(turn, caller);
        var plan = await planner.PlanAsync(turn, parent, caller);
        return await plan.Route.Backend.CountInputAsync(plan.ForBackend(turn.Tenant, ResponseId.New(ids), trace: null), caller)
            ?? throw new ApiException(Errors.CountNotOffered, plan.Route.Model, "model");
    }
}
