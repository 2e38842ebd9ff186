using Samovar.Accounting;
using Samovar.Protocol.Ids;

namespace Samovar.Server.Monitoring.Status;

/// <summary>What requests came to since the start, by tenant, and the newest of them. Safe for all threads.</summary>
internal sealed class RequestTally(MonitoringOptions options, TimeProvider time) : IRequestLog
{
    private readonly Lock _lock = new();
    private readonly Queue<RequestStatus> _newest = new();
    private readonly Dictionary<string, TurnStatus> _byTenant = new(StringComparer.Ordinal); // only tenants with a key get here

    public void Write(RequestRecord record)
    {
        var (tenant, request) = (record.Tenant.Value, Of(record, time.GetUtcNow()));
        lock (_lock)
        {
            _byTenant[tenant] = Add(_byTenant.GetValueOrDefault(tenant) ?? new TurnStatus(), record);
            if (_newest.Count >= options.RecentRequestsMax) _newest.Dequeue();
            _newest.Enqueue(request);
        }
    }

    /// <param name="tenant">Whose; null for everybody's.</param>
    public (TurnStatus Totals, IReadOnlyList<RequestStatus> Newest) Read(TenantId? tenant)
    {
        lock (_lock)
        {
            return tenant is { Value: var one }
                ? (_byTenant.GetValueOrDefault(one) ?? new TurnStatus(), [.. _newest.Where(request => request.Tenant == one).Reverse()])
                : (_byTenant.Values.Aggregate(new TurnStatus(), Add), [.. _newest.Reverse()]);
        }
    }

    private static TurnStatus Add(TurnStatus sum, RequestRecord record) => Add(sum, new TurnStatus
    {
        Ended = 1,
        Failed = record.Outcome is "failed" or "refused" ? 1 : 0,
        BytesIn = record.BytesFromClient,
        BytesOut = record.BytesToClient,
        BytesUp = record.BytesToUpstream,
        BytesBack = record.BytesBack,
        InputTokens = record.Usage.InputTokens,
        CachedTokens = record.Usage.CachedTokens,
        OutputTokens = record.Usage.OutputTokens,
    });

    private static TurnStatus Add(TurnStatus sum, TurnStatus more) => new()
    {
        Ended = sum.Ended + more.Ended,
        Failed = sum.Failed + more.Failed,
        BytesIn = sum.BytesIn + more.BytesIn,
        BytesOut = sum.BytesOut + more.BytesOut,
        BytesUp = sum.BytesUp + more.BytesUp,
        BytesBack = sum.BytesBack + more.BytesBack,
        InputTokens = sum.InputTokens + more.InputTokens,
        CachedTokens = sum.CachedTokens + more.CachedTokens,
        OutputTokens = sum.OutputTokens + more.OutputTokens,
    };

    private static RequestStatus Of(RequestRecord record, DateTimeOffset at) => new()
    {
        At = at,
        Tenant = record.Tenant.Value,
        Outcome = record.Outcome,
        Response = record.Response?.Value,
        Model = record.Model,
        Destination = record.Destination,
        Affinity = record.Affinity,
        Error = record.ErrorCode,
        Miss = record.MissCause,
        Faults = record.Faults,
        InputTokens = record.Usage.InputTokens,
        CachedTokens = record.Usage.CachedTokens,
        OutputTokens = record.Usage.OutputTokens,
        QueuedMs = (record.Queued + (record.BackendQueued ?? TimeSpan.Zero)).TotalMilliseconds,
        FirstTokenMs = record.FirstToken?.TotalMilliseconds,
        TotalMs = record.Total.TotalMilliseconds,
    };
}
