using Samovar.Backends;
using Samovar.Chains;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Requests;
using Samovar.Quotas;
using Samovar.Scheduling.Fairness;
using Samovar.Turns;

namespace Samovar.Prefixes;

/// <summary>Warms the start of the conversations that a request stands for.</summary>
/// <remarks>
/// (1) What a prefix cannot be is refused: a part of a stored conversation, whose state is the conversation's own. (2) The request is read
/// as a turn's would be, to the same model and the same prompt. (3) What all conversations have in common that begin so is warmed and kept.
/// It costs an engine what a turn's prompt does, and counts against its tenant's quotas as a turn; what the settings name does not.
/// </remarks>
internal sealed class PrefixDesk(TurnPlanner planner, PrefixTable table, TenantQuotas quotas, PrefixesOptions options, IdSource ids)
{
    private const int AtOnceMax = 8; // rendered on the threads that turns need
    private static readonly TimeSpan KeepMin = TimeSpan.FromSeconds(1), RetryAfter = TimeSpan.FromSeconds(1);
    private readonly SharedPlaces _places = new(AtOnceMax);

    /// <exception cref="ApiException">The request could not run, its prefix cannot be kept, or a quota is used up.</exception>
    public async Task<(WarmedPrefix Prefix, PrefixWarmth Warmth)> WarmAsync(PrefixOrder order, CancellationToken caller)
    {
        var request = Checked(order.Request); // :: 1
        var keep = order.IsConfigured ? order.Keep : Checked(order.Keep ?? options.Keep);
        var quota = order.IsConfigured ? null : await quotas.EnterAsync(order.Tenant, isOnSocket: false, caller);
        return await table.WarmAsync(await CountedAsync(order with { Request = request }, keep, quota, caller), caller); // :: 3
    }

    private async Task<PrefixWish> CountedAsync(PrefixOrder order, TimeSpan? keep, QuotaHold? quota, CancellationToken caller)
    {
        try
        {
            return await InTurnAsync(order, keep, caller) with { Quota = quota };
        }
        catch
        {
            quota?.LetGo();
            throw;
        }
    }

    private async Task<PrefixWish> InTurnAsync(PrefixOrder order, TimeSpan? keep, CancellationToken caller)
    {
        if (!_places.TryTake(order.Flow)) throw new ApiException(Errors.ServerOverloaded, RetryAfter, retryAfter: RetryAfter);
        try
        {
            return await PlanAsync(order, keep, caller);
        }
        finally
        {
            _places.GiveBack(order.Flow);
        }
    }

    private async Task<PrefixWish> PlanAsync(PrefixOrder order, TimeSpan? keep, CancellationToken caller)
    {
        var turn = new TurnRequest { Tenant = order.Tenant, Flow = order.Flow, Request = order.Request, Parents = NoParents.Instance };
        var plan = await planner.PlanAsync(turn, parent: null, caller); // :: 2
        if (plan.Route.Backend is not IPrefixBackend { Prefixes: var keeper })
            throw new ApiException(Errors.PrefixesNotKept, plan.Route.Model, "model");
        var work = await planner.ForPrefixAsync(plan, plan.ForBackend(turn, ResponseId.New(ids)), caller);
        var prefix = await keeper.PlanAsync(work, caller);
        if (prefix.Path.Length < options.TokensMin)
            throw new ApiException(Errors.PrefixTooShort, ["request", prefix.Path.Length, options.TokensMin], "request");
        var share = order.Tenant == TenantId.Local ? 1 : options.TenantShare; // of a server without keys, which has no other
        var owner = new PrefixOwner(order.Tenant, order.Flow, order.Request.Store, options.MemoryShare, share);
        return new PrefixWish(keeper, prefix, owner, order.Name, keep) { IsConfigured = order.IsConfigured };
    }

    private static CreateRequest Checked(CreateRequest request)
    {
        var param = request.PreviousResponseId is not null ? "previous_response_id"
            : request.Conversation is not null ? "conversation" : null;
        if (param is not null) throw new ApiException(Errors.UnsupportedParameter, param, param);
        return request with { Generate = false, Stream = false, Background = false, ContinuesAnswer = false, CacheComparison = null };
    }

    private TimeSpan Checked(TimeSpan keep) => keep >= KeepMin && keep <= options.KeepMax ? keep
        : throw new ApiException(Errors.KeepOutOfRange, ["keep", KeepMin, options.KeepMax, keep], "keep");

    /// <summary>A prefix stands by itself: nothing that is stored is a part of it.</summary>
    private sealed class NoParents : IParentSource
    {
        public static readonly NoParents Instance = new();

        public ValueTask<ChainNode?> FindAsync(ResponseId id, CancellationToken turnCancelled) => new((ChainNode?)null);

        public ValueTask<bool> IsThereAsync(ChainNode node, CancellationToken turnCancelled) => new(false);

        public ValueTask<IReadOnlyDictionary<string, Item>> FindItemsAsync(
            IReadOnlyCollection<string> ids, bool isStored, CancellationToken turnCancelled) =>
            new(new Dictionary<string, Item>(StringComparer.Ordinal));

        public void Keep(ChainNode node) { }

        public void Fail(ResponseId? previous, TurnFailure failure) { }
    }
}

/// <summary>A prefix that somebody wants warm.</summary>
/// <param name="Flow">Whose share of the engine computes it.</param>
/// <param name="Request">A request that begins so.</param>
/// <param name="Name">What its tenant calls it.</param>
/// <param name="Keep">How long it is kept beyond its last use; null: as the server is set.</param>
internal sealed record PrefixOrder(TenantId Tenant, FlowId Flow, CreateRequest Request, string? Name, TimeSpan? Keep)
{
    /// <summary>Whether the settings name it: then it is kept as long as the server runs, unless they say otherwise.</summary>
    public bool IsConfigured { get; init; }
}
