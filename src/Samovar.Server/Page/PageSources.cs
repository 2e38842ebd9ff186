using Samovar.Backends.Models;
using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Server.Draining;
using Samovar.Server.Monitoring.Status;
using Samovar.Sessions;
using Samovar.Turns;

namespace Samovar.Server.Page;

/// <summary>Who knows what the page shows.</summary>
internal sealed record PageSources(SessionTable Sessions, TurnPipeline Pipeline, IChainStore Store, RequestTally Tally, ServerStatus Status,
    ServerLife Life, DurableStatus Durable, PoolsStatus? Pools, LocalModels? Models)
{
    public PageServer Server(TenantId? tenant, double startedAt, double now) => new(ServerStatus.Version, startedAt, now, Life.IsDraining,
        tenant?.Value, NameOf(Models?.Loaded), Models?.Loaded.Sum(static model => model.Engine!.Model.Streams) ?? 0, Durable.Store.Kind);

    /// <summary>Of all that are loaded: the page shows them as one.</summary>
    private static string? NameOf(IReadOnlyList<ModelCondition>? loaded) => loaded is null or [] ? null
        : string.Join(", ", loaded.Select(static model => model.Name));

    public PageTotals Totals(TenantId? tenant, int running, int waiting, AmountsOf? held)
    {
        var (now, ended) = (Sessions.Figures(tenant), Tally.Totals(tenant));
        return new PageTotals
        {
            Turns = ended.Ended,
            Failed = ended.Failed,
            SessionsOpen = now.Open,
            Running = running,
            Queued = now.Queued + waiting,
            BytesUp = ended.BytesIn,
            BytesDown = ended.BytesOut,
            BytesStateless = ended.BytesStateless,
            InputTokens = ended.InputTokens,
            CachedTokens = ended.CachedTokens,
            OutputTokens = ended.OutputTokens,
            KvTokens = tenant is null ? held : null,
        };
    }

    public Dictionary<string, PagePool> PoolsOf(TenantId? tenant) => tenant is not null || Pools is null ? []
        : Pools.Read().ToDictionary(static pool => pool.Name, static pool => new PagePool(
            pool.Name, pool.Waiting, pool.WaitingMax, new ListOf<PageDestination>([.. pool.Destinations.Select(Of)])),
            StringComparer.Ordinal);

    public Dictionary<string, PageModel> ModelsOf(TenantId? tenant) => tenant is not null || Models is null ? []
        : Models.All.ToDictionary(static model => model.Name, PageModel.Of, StringComparer.Ordinal);

    private static PageDestination Of(DestinationStatus now) => new(
        now.Name, now.Kind, now.InFlight, now.InFlightMax, now.Refusal, now.RetryAfterSeconds is { } wait ? Math.Ceiling(wait) : null,
        now.LastFault, now.FirstOutputMs is { } first ? Math.Round(first, 1) : null, now.Attempts, now.Faults, now.InputTokens,
        now.CachedTokens);
}
