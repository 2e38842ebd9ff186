using Samovar.Accounting;
using Samovar.Gateway.Destinations;
using Samovar.Protocol.Ids;

namespace Samovar.Server.Monitoring.Status;

/// <summary>What requests came to since the start, by tenant, and the newest of them. Safe for all threads.</summary>
internal sealed class RequestTally(MonitoringOptions options, TimeProvider time) : IRequestLog
{
    private readonly Lock _lock = new();
    private readonly Queue<(DateTimeOffset At, RequestRecord Record)> _newest = new();
    private readonly List<Action<DateTimeOffset, RequestRecord>> _watchers = []; // nearly always empty
    private readonly RecentTenants<TurnStatus> _byTenant = new(options.TenantsMax);
    private TurnStatus _all = new();

    public void Write(RequestRecord record)
    {
        var at = time.GetUtcNow();
        lock (_lock)
        {
            _byTenant.Set(record.Tenant, Add(_byTenant.TryGet(record.Tenant, out var former) ? former : new TurnStatus(), record));
            _all = Add(_all, record);
            if (_newest.Count >= options.RecentRequestsMax) _newest.Dequeue();
            _newest.Enqueue((at, record));
            foreach (var seen in _watchers) seen(at, record);
        }
    }

    /// <summary>Tenants of which it knows anything.</summary>
    internal int Tenants { get { lock (_lock) return _byTenant.Count; } }

    /// <summary>Has each record reported from now on, the newest ones at once. What is called must be quick and must not throw.</summary>
    public void Watch(Action<DateTimeOffset, RequestRecord> seen)
    {
        lock (_lock)
        {
            foreach (var (at, record) in _newest) seen(at, record);
            _watchers.Add(seen);
        }
    }

    /// <summary>The counterpart of <see cref="Watch"/>.</summary>
    public void Unwatch(Action<DateTimeOffset, RequestRecord> seen)
    {
        lock (_lock) _watchers.Remove(seen);
    }

    /// <param name="tenant">Whose; null for everybody's.</param>
    public TurnStatus Totals(TenantId? tenant)
    {
        lock (_lock) return TotalsOf(tenant);
    }

    /// <param name="tenant">Whose; null for everybody's.</param>
    public (TurnStatus Totals, IReadOnlyList<RequestStatus> Newest) Read(TenantId? tenant)
    {
        lock (_lock)
        {
            return (TotalsOf(tenant),
                [.. _newest.Where(request => tenant is null || request.Record.Tenant == tenant).Reverse().Select(Of)]);
        }
    }

    private TurnStatus TotalsOf(TenantId? tenant) =>
        tenant is not { } one ? _all : _byTenant.TryGet(one, out var own) ? own : new TurnStatus();

    private static TurnStatus Add(TurnStatus sum, RequestRecord record) => new()
    {
        Ended = sum.Ended + 1,
        Failed = sum.Failed + (record.Outcome is "failed" or "refused" ? 1 : 0),
        BytesIn = sum.BytesIn + record.BytesFromClient,
        BytesStateless = sum.BytesStateless + record.BytesStateless,
        BytesOut = sum.BytesOut + record.BytesToClient,
        BytesUp = sum.BytesUp + record.BytesToUpstream,
        BytesBack = sum.BytesBack + record.BytesBack,
        InputTokens = sum.InputTokens + record.Usage.InputTokens,
        CachedTokens = sum.CachedTokens + record.Usage.CachedTokens,
        OutputTokens = sum.OutputTokens + record.Usage.OutputTokens,
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
