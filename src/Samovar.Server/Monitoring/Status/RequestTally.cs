using Samovar.Accounting;
using Samovar.Protocol.Ids;

namespace Samovar.Server.Monitoring.Status;

/// <summary>What requests came to since the start, by tenant, and the newest of them. Safe for all threads.</summary>
internal sealed class RequestTally(MonitoringOptions options, TimeProvider time) : IRequestLog
{
    private readonly Lock _lock = new();
    private readonly Queue<(DateTimeOffset At, RequestRecord Record)> _newest = new();
    private readonly Dictionary<string, TurnStatus> _byTenant = new(StringComparer.Ordinal); // only tenants with a key get here

    public void Write(RequestRecord record)
    {
        var at = time.GetUtcNow();
        lock (_lock)
        {
            _byTenant[record.Tenant.Value] = Add(_byTenant.GetValueOrDefault(record.Tenant.Value) ?? new TurnStatus(), record);
            if (_newest.Count >= options.RecentRequestsMax) _newest.Dequeue();
            _newest.Enqueue((at, record));
        }
    }

    /// <param name="tenant">Whose; null for everybody's.</param>
    public (TurnStatus Totals, IReadOnlyList<RequestStatus> Newest) Read(TenantId? tenant)
    {
        lock (_lock)
        {
            return tenant is { Value: var one }
                ? (_byTenant.GetValueOrDefault(one) ?? new TurnStatus(),
                    [.. _newest.Where(request => request.Record.Tenant.Value == one).Reverse().Select(Of)])
                : (_byTenant.Values.Aggregate(new TurnStatus(), Add), [.. _newest.Reverse().Select(Of)]);
        }
    }

    private static TurnStatus Add(TurnStatus sum, RequestRecord record) => new()
    {
        Ended = sum.Ended + 1,
        Failed = sum.Failed + (record.Outcome is "failed" or "refused" ? 1 : 0),
        BytesIn = sum.BytesIn + record.BytesFromClient,
        BytesOut = sum.BytesOut + record.BytesToClient,
        BytesUp = sum.BytesUp + record.BytesToUpstream,
        BytesBack = sum.BytesBack + record.BytesBack,
        InputTokens = sum.InputTokens + record.Usage.InputTokens,
        CachedTokens = sum.CachedTokens + record.Usage.CachedTokens,
        OutputTokens = sum.OutputTokens + record.Usage.OutputTokens,
    };

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

    private static RequestStatus Of((DateTimeOffset At, RequestRecord Record) request) => Of(request.Record, request.At);

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
        Background = record.IsBackground,
        Resumed = record.Resumes,
        CompactionForm = record.CompactionForm,
        Compaction = record.Compaction,
        Faults = record.Faults,
        InputTokens = record.Usage.InputTokens,
        CachedTokens = record.Usage.CachedTokens,
        OutputTokens = record.Usage.OutputTokens,
        QueuedMs = (record.Queued + (record.BackendQueued ?? TimeSpan.Zero)).TotalMilliseconds,
        FirstTokenMs = record.FirstToken?.TotalMilliseconds,
        StoreMs = record.StoreTime?.TotalMilliseconds,
        TotalMs = record.Total.TotalMilliseconds,
    };
}
