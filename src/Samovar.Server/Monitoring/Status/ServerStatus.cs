using System.Reflection;
using Samovar.Engine;
using Samovar.Gateway.Choice;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Metrics;
using Samovar.Protocol.Ids;
using Samovar.Server.Draining;
using Samovar.Sessions;

namespace Samovar.Server.Monitoring.Status;

/// <summary>Puts together what the server does at the moment, from those who know.</summary>
internal sealed class ServerStatus(
    SessionTable sessions, RequestTally requests, ServerLife life, DurableStatus durable, TimeProvider time, PoolTable? pools = null,
    UpstreamMetrics? attempts = null, WaitQueue? queue = null, ISequenceEngine? engine = null)
{
    private static readonly string Version =
        typeof(ServerStatus).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
    private readonly long _startedAt = time.GetTimestamp();

    /// <param name="tenant">Whose figures; null for everybody's, pools and engine included.</param>
    public StatusReport Read(TenantId? tenant)
    {
        var now = sessions.Figures(tenant);
        var (totals, newest) = requests.Read(tenant);
        return new StatusReport
        {
            Version = Version,
            At = time.GetUtcNow(),
            UptimeSeconds = time.GetElapsedTime(_startedAt).TotalSeconds,
            Draining = life.IsDraining,
            Tenant = tenant?.Value,
            Sessions = new SessionStatus(now.Open, now.Lanes, now.Running, now.Queued),
            Turns = totals,
            Requests = newest,
            Pools = tenant is null ? pools?.Current.Select(Of).ToList() : null,
            Engine = tenant is null && engine is not null
                ? new EngineStatus(engine.Model.Name, engine.Model.Streams, engine.Counters) : null,
            Store = tenant is null ? durable.Store : null,
            Running = tenant is null ? durable.Running : null,
        };
    }

    private PoolStatus Of(Pool pool) =>
        new(pool.Name, queue?.CountOf(pool) ?? 0, pool.QueueMax, [.. pool.Destinations.Select(Of)]);

    private DestinationStatus Of(Destination destination)
    {
        var (now, limits) = (destination.State.Figures, destination.Options);
        var tally = attempts?.TallyOf(destination.Name) ?? new TallyFigures();
        return new DestinationStatus
        {
            Name = destination.Name,
            Kind = limits.Kind,
            InFlight = now.InFlight,
            InFlightMax = limits.InFlightMax,
            RequestsInMinute = now.Requests,
            RequestsPerMinute = limits.RequestsPerMinute,
            TokensInMinute = now.Tokens,
            TokensPerMinute = limits.TokensPerMinute,
            Refusal = now.Refusal is { } refusal ? RefusalNames.Of(refusal.Reason) : null,
            RetryAfterSeconds = now.Refusal?.RetryAfter.TotalSeconds,
            Attempts = tally.Attempts,
            Faults = tally.Faults,
            LastFault = tally.LastFault,
            LastFaultAt = tally.LastFaultAt,
            FirstOutputMs = tally.FirstOutputMedian?.TotalMilliseconds,
            InputTokens = tally.InputTokens,
            CachedTokens = tally.CachedTokens,
            OutputTokens = tally.OutputTokens,
            BytesUp = tally.BytesUp,
            BytesBack = tally.BytesBack,
        };
    }
}
