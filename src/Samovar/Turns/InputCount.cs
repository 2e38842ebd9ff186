using Samovar.Backends;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Scheduling.Fairness;

namespace Samovar.Turns;

/// <summary>Says how many tokens a turn's input would have, without running it.</summary>
internal sealed class InputCount(TurnPlanner planner, IdSource ids)
{
    /// <summary>
    /// Inputs that are counted at once, an eighth of them by flows that have none: each is rendered whole on the threads that turns need.
    /// </summary>
    private const int AtOnceMax = 16;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private readonly SharedPlaces _places = new(AtOnceMax);

    /// <exception cref="ApiException">The request could not run either, or its model's backend does not count.</exception>
    public async Task<int> OfAsync(TurnRequest turn, CancellationToken caller)
    {
        if (!_places.TryTake(turn.Flow)) throw new ApiException(Errors.ServerOverloaded, RetryAfter, retryAfter: RetryAfter);
        try
        {
            return await CountAsync(turn, caller);
        }
        finally
        {
            _places.GiveBack(turn.Flow);
        }
    }

    private async Task<int> CountAsync(TurnRequest turn, CancellationToken caller)
    {
        if (await planner.LookAsync(turn, caller) is { } conversation) turn = turn with { Conversation = conversation };
        var parent = await TurnPlanner.FindParentAsync(turn, caller);
        var plan = await planner.PlanAsync(turn, parent, caller);
        return await planner.CountAsync(plan, plan.ForBackend(turn, ResponseId.New(ids)), caller)
            ?? throw new ApiException(Errors.CountNotOffered, plan.Route.Model, "model");
    }
}
