using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Stores;

namespace Samovar.Chains;

/// <summary>Stored chat completions in memory, by tenant and label, in the order in which they were stored.</summary>
internal sealed class CompletionIndex
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(TenantId, ResponseId), Kept> _kept = [];
    private readonly Dictionary<TenantId, List<Kept>> _all = [];
    private readonly Dictionary<(TenantId, CompletionLabel), List<Kept>> _labelled = [];
    private long _last;

    public void Add(ChainNode node)
    {
        if (node.Kind != RowKind.ChatCompletion) return;
        lock (_gate)
        {
            var row = new CompletionRow(node.Id, node.Response.Model, node.Response.Request.Metadata.Utf8);
            var kept = new Kept(++_last, row);
            if (!_kept.TryAdd((node.Tenant, node.Id), kept)) return;
            Put(_all, node.Tenant, kept);
            Label(node.Tenant, kept);
        }
    }

    public void Remove(ChainNode node)
    {
        lock (_gate)
        {
            if (!_kept.Remove((node.Tenant, node.Id), out var kept)) return;
            Take(_all, node.Tenant, kept);
            Unlabel(node.Tenant, kept);
        }
    }

    public CompletionRow? Find(TenantId tenant, ResponseId id)
    {
        lock (_gate) return _kept.GetValueOrDefault((tenant, id))?.Row;
    }

    /// <returns>Whether it was there.</returns>
    public bool SetMetadata(TenantId tenant, ResponseId id, ReadOnlyMemory<byte> metadata)
    {
        lock (_gate)
        {
            if (!_kept.TryGetValue((tenant, id), out var kept)) return false;
            Unlabel(tenant, kept);
            kept.Row = kept.Row with { Metadata = new RawJson(metadata).Detach().Utf8 }; // not with the body that it came in
            Label(tenant, kept);
            return true;
        }
    }

    public IReadOnlyList<CompletionRow> List(
        TenantId tenant, IReadOnlyList<CompletionLabel> labels, ResponseId? after, bool isDescending, int countMax)
    {
        lock (_gate)
        {
            if (Smallest(tenant, labels) is not { } list) return [];
            var from = after is { } id && _kept.TryGetValue((tenant, id), out var known) ? PlaceBehind(list, known, isDescending)
                : isDescending ? list.Count - 1 : 0;
            var found = new List<CompletionRow>();
            for (var at = from; at >= 0 && at < list.Count && found.Count < countMax; at += isDescending ? -1 : 1)
                if (labels.All(list[at].Labels.Contains)) found.Add(list[at].Row);
            return found;
        }
    }

    private static int PlaceBehind(List<Kept> list, Kept known, bool isDescending)
    {
        var at = list.BinarySearch(known, Kept.ByNumber);
        if (isDescending) return (at >= 0 ? at : ~at) - 1;
        return at >= 0 ? at + 1 : ~at;
    }

    private List<Kept>? Smallest(TenantId tenant, IReadOnlyList<CompletionLabel> labels)
    {
        if (labels.Count == 0) return _all.GetValueOrDefault(tenant);
        List<Kept>? smallest = null;
        foreach (var label in labels)
        {
            if (!_labelled.TryGetValue((tenant, label), out var list)) return null;
            if (smallest is null || list.Count < smallest.Count) smallest = list;
        }
        return smallest;
    }

    private void Label(TenantId tenant, Kept kept)
    {
        kept.Labels = [.. CompletionLabel.Of(kept.Row.Model, kept.Row.Metadata)];
        foreach (var label in kept.Labels) Put(_labelled, (tenant, label), kept);
    }

    private void Unlabel(TenantId tenant, Kept kept)
    {
        foreach (var label in kept.Labels) Take(_labelled, (tenant, label), kept);
    }

    private static void Put<TKey>(Dictionary<TKey, List<Kept>> lists, TKey key, Kept kept) where TKey : notnull
    {
        if (!lists.TryGetValue(key, out var list)) lists[key] = list = [];
        var at = list.BinarySearch(kept, Kept.ByNumber); // mostly its end
        if (at < 0) list.Insert(~at, kept);
    }

    private static void Take<TKey>(Dictionary<TKey, List<Kept>> lists, TKey key, Kept kept) where TKey : notnull
    {
        var list = lists[key];
        list.RemoveAt(list.BinarySearch(kept, Kept.ByNumber));
        if (list.Count == 0) lists.Remove(key);
    }

    private sealed class Kept(long number, CompletionRow row)
    {
        public static readonly Comparer<Kept> ByNumber = Comparer<Kept>.Create(static (one, other) => one.Number.CompareTo(other.Number));

        public long Number => number;
        public CompletionRow Row { get; set; } = row;
        public HashSet<CompletionLabel> Labels { get; set; } = [];
    }
}
