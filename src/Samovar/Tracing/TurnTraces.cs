using System.Collections.Concurrent;
using Samovar.Protocol.Ids;

namespace Samovar.Tracing;

/// <summary>The traces of turns that go on, and a ring of those that ended. Safe for all threads.</summary>
internal sealed class TurnTraces(TracingOptions options, TimeProvider time)
{
    private readonly ConcurrentDictionary<ResponseId, TurnTrace> _running = new();
    private readonly Lock _lock = new();
    private readonly Queue<TurnTrace> _ended = new();
    private readonly Dictionary<ResponseId, TurnTrace> _byId = [];

    /// <param name="arrivedAt">By <c>TimeProvider.GetTimestamp</c>.</param>
    public TurnTrace Begin(TenantId tenant, ResponseId response, LaneId lane, long arrivedAt)
    {
        var trace = new TurnTrace(tenant, response, lane, arrivedAt, options.SpansMax);
        _running[response] = trace;
        return trace;
    }

    public void End(TurnTrace trace)
    {
        trace.End(time.GetTimestamp());
        _running.TryRemove(new(trace.Response, trace));
        lock (_lock)
        {
            if (options.KeptMax == 0) return;
            if (_ended.Count >= options.KeptMax) _byId.Remove(_ended.Dequeue().Response);
            _ended.Enqueue(trace);
            _byId[trace.Response] = trace;
        }
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
}
