using Samovar.Protocol.Ids;

namespace Samovar.Tracing;

/// <summary>The traces of the newest turns that ended; those of turns that go on are their turns'. Safe for all threads.</summary>
/// <remarks>Whoever has most of them loses the oldest first: a flood of one tenant's turns drives out its own.</remarks>
internal sealed class TurnTraces(TracingOptions options, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TenantId, Queue<Kept>> _ended = [];
    private readonly SortedSet<(int Count, string Tenant)> _holders = new(Comparer<(int Count, string Tenant)>.Create(ByCount));
    private readonly Dictionary<ResponseId, TurnTrace> _byId = [];
    private readonly Dictionary<(TenantId, ResponseId), Queue<TurnTrace>> _byParent = []; // the oldest first, as they go
    private int _count;

    /// <summary>Whether turns are traced at all.</summary>
    public bool IsOn => options.KeptMax > 0;

    /// <summary>Whether stretches become spans for a collector.</summary>
    public bool ExportsStages => options.ExportStages;

    /// <summary>Turns that ended and are kept.</summary>
    public int Count { get { lock (_lock) return _count; } }

    /// <param name="arrivedAt">By <c>TimeProvider.GetTimestamp</c>.</param>
    /// <param name="arrivedOn">The same by the clock.</param>
    public TurnTrace Begin(
        TenantId tenant, ResponseId response, LaneId lane, long arrivedAt, DateTimeOffset arrivedOn, bool isBackground = false) =>
        new(tenant, response, lane, arrivedAt, options.SpansMax) { ArrivedOn = arrivedOn, IsBackground = isBackground };

    public void End(TurnTrace trace)
    {
        trace.End(time.GetTimestamp());
        if (!IsOn) return;
        lock (_lock) Keep(trace);
    }

    /// <summary>Null for a turn that goes on, an unknown one, somebody else's, and one that was forgotten.</summary>
    /// <param name="tenant">Who asks; null for an operator.</param>
    public TurnTrace? Find(TenantId? tenant, ResponseId response)
    {
        TurnTrace? trace;
        lock (_lock) trace = _byId.GetValueOrDefault(response);
        return trace is not null && (tenant is null || trace.Tenant == tenant) ? trace : null;
    }

    /// <summary>Those of one tenant that went on from a response, the oldest first.</summary>
    public IReadOnlyList<TurnTrace> After(TenantId tenant, ResponseId response)
    {
        lock (_lock) return _byParent.TryGetValue((tenant, response), out var traces) ? [.. traces] : [];
    }

    private void Keep(TurnTrace trace)
    {
        if (!_ended.TryGetValue(trace.Tenant, out var own)) _ended[trace.Tenant] = own = new Queue<Kept>();
        var kept = new Kept(trace, trace.Parent);
        _byId[trace.Response] = trace;
        if (kept.Parent is { } parent) AddBehind(parent, trace);
        if (_count == options.KeptMax && own.Count > 0 && own.Count == _holders.Max.Count)
        {
            Forget(own.Dequeue()); // the usual case: it has as many as before
            own.Enqueue(kept);
            return;
        }
        _holders.Remove((own.Count, trace.Tenant.Value));
        own.Enqueue(kept);
        _holders.Add((own.Count, trace.Tenant.Value));
        if (++_count > options.KeptMax) ForgetOne();
    }

    private void ForgetOne()
    {
        var (count, name) = _holders.Max;
        var tenant = new TenantId(name);
        var traces = _ended[tenant];
        Forget(traces.Dequeue());
        _count--;
        _holders.Remove((count, name));
        if (traces.Count > 0) _holders.Add((traces.Count, name));
        else _ended.Remove(tenant);
    }

    private void AddBehind(ResponseId parent, TurnTrace trace)
    {
        if (!_byParent.TryGetValue((trace.Tenant, parent), out var behind)) _byParent[(trace.Tenant, parent)] = behind = new();
        behind.Enqueue(trace);
    }

    private void Forget(Kept kept)
    {
        var oldest = kept.Trace;
        if (kept.Parent is { } parent)
        {
            var behind = _byParent[(oldest.Tenant, parent)];
            behind.Dequeue(); // a tenant's oldest trace is the oldest behind its parent, too
            if (behind.Count == 0) _byParent.Remove((oldest.Tenant, parent));
        }
        oldest.Forget();
        if (_byId.GetValueOrDefault(oldest.Response) == oldest) _byId.Remove(oldest.Response); // one of that name may have come after it
    }

    private static int ByCount((int Count, string Tenant) one, (int Count, string Tenant) other) =>
        one.Count != other.Count ? one.Count.CompareTo(other.Count) : string.CompareOrdinal(one.Tenant, other.Tenant);

    /// <param name="Parent">As it was when the turn ended: what is found by it goes by it.</param>
    private readonly record struct Kept(TurnTrace Trace, ResponseId? Parent);
}
