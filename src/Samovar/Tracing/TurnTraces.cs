using System.Collections.Concurrent;
using Samovar.Protocol.Ids;

namespace Samovar.Tracing;

/// <summary>The traces of turns that go on, and those of the newest that ended. Safe for all threads.</summary>
/// <remarks>Whoever has most of them loses the oldest first: a flood of one tenant's turns drives out its own.</remarks>
internal sealed class TurnTraces(TracingOptions options, TimeProvider time)
{
    private readonly ConcurrentDictionary<ResponseId, TurnTrace> _running = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<TenantId, Queue<TurnTrace>> _ended = [];
    private readonly SortedSet<(int Count, string Tenant)> _holders = new(Comparer<(int Count, string Tenant)>.Create(ByCount));
    private readonly Dictionary<ResponseId, TurnTrace> _byId = [];
    private int _count;

    /// <summary>Whether turns are traced at all.</summary>
    public bool IsOn => options.KeptMax > 0;

    /// <summary>Whether stretches become spans for a collector.</summary>
    public bool ExportsStages => options.ExportStages;

    /// <summary>Turns that ended and are kept.</summary>
    public int Kept { get { lock (_lock) return _count; } }

    /// <param name="arrivedAt">By <c>TimeProvider.GetTimestamp</c>.</param>
    public TurnTrace Begin(TenantId tenant, ResponseId response, LaneId lane, long arrivedAt)
    {
        var arrivedOn = time.GetUtcNow() - time.GetElapsedTime(arrivedAt);
        var trace = new TurnTrace(tenant, response, lane, arrivedAt, options.SpansMax) { ArrivedOn = arrivedOn };
        _running[response] = trace;
        return trace;
    }

    public void End(TurnTrace trace)
    {
        trace.End(time.GetTimestamp());
        lock (_lock) Keep(trace); // found at any moment: before it is no longer among those that run
        _running.TryRemove(new(trace.Response, trace));
    }

    /// <summary>Null for an unknown turn, somebody else's, and one that was forgotten.</summary>
    /// <param name="tenant">Who asks; null for an operator.</param>
    public TurnTrace? Find(TenantId? tenant, ResponseId response)
    {
        if (!_running.TryGetValue(response, out var trace))
            lock (_lock) trace = _byId.GetValueOrDefault(response);
        return trace is not null && (tenant is null || trace.Tenant == tenant) ? trace : null;
    }

    /// <param name="tenant">Whose; null for everybody's.</param>
    public IReadOnlyList<TurnTrace> Running(TenantId? tenant) =>
        [.. _running.Values.Where(trace => tenant is null || trace.Tenant == tenant)];

    private void Keep(TurnTrace trace)
    {
        if (!IsOn) return;
        if (!_ended.TryGetValue(trace.Tenant, out var own)) _ended[trace.Tenant] = own = new Queue<TurnTrace>();
        _holders.Remove((own.Count, trace.Tenant.Value));
        own.Enqueue(trace);
        _holders.Add((own.Count, trace.Tenant.Value));
        _byId[trace.Response] = trace;
        if (++_count > options.KeptMax) ForgetOne();
    }

    private void ForgetOne()
    {
        var (count, name) = _holders.Max;
        var tenant = new TenantId(name);
        var traces = _ended[tenant];
        var oldest = traces.Dequeue();
        oldest.Forget();
        _count--;
        if (_byId.GetValueOrDefault(oldest.Response) == oldest) _byId.Remove(oldest.Response); // one of that name may have come after it
        _holders.Remove((count, name));
        if (traces.Count > 0) _holders.Add((traces.Count, name));
        else _ended.Remove(tenant);
    }

    private static int ByCount((int Count, string Tenant) one, (int Count, string Tenant) other) =>
        one.Count != other.Count ? one.Count.CompareTo(other.Count) : string.CompareOrdinal(one.Tenant, other.Tenant);
}
