using System.Reflection;
using Samovar.Backends.Models;
using Samovar.Protocol.Ids;
using Samovar.Server.Draining;
using Samovar.Server.Http;
using Samovar.Sessions;

namespace Samovar.Server.Monitoring.Status;

/// <summary>Puts together what the server does at the moment, from those who know.</summary>
internal sealed class ServerStatus(
    SessionTable sessions, RequestTally requests, ServerLife life, DurableStatus durable, TimeProvider time,
    PoolsStatus? pools = null, LocalModels? models = null, Func<ClusterStatus>? cluster = null)
{
    public static readonly string Version =
        typeof(ServerStatus).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
    private readonly long _startedAt = time.GetTimestamp();

    public DateTimeOffset StartedAt { get; } = time.GetUtcNow();

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
            Pools = tenant is null ? pools?.Read() : null,
            Models = tenant is null && models is { AreNamed: true } ? ServedModelStatus.Of(models, isOperator: true) : null,
            Engine = tenant is null && models?.Only is { } engine
                ? new EngineStatus(engine.Model.Name, engine.Model.Streams, engine.Counters) : null,
            Store = tenant is null ? durable.Store : null,
            Running = tenant is null ? durable.Running : null,
            Cluster = tenant is null ? cluster?.Invoke() : null,
        };
    }
}
