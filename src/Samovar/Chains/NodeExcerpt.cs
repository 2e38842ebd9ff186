using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;

namespace Samovar.Chains;

/// <summary>A chain that is in memory.</summary>
internal sealed class NodeExcerpt(ChainNode head, ChainCache nodes) : IChainExcerpt
{
    public int First => head.Start.Depth;
    public int Last => head.Depth;

    public ValueTask<IReadOnlyList<ListedRow>> ReadAsync(int first, int last, CancellationToken caller)
    {
        var rows = new List<ListedRow>();
        for (var node = head.Ancestor(last); node is not null && node.Depth >= first; node = node.Parent)
            rows.Add(new ListedRow(node.Id, node.Depth, [.. node.Shown, .. node.Output], node.Shown.Count));
        rows.Reverse();
        return new(rows);
    }

    public ValueTask<int?> FindRowAsync(ResponseId id, CancellationToken caller) =>
        new(nodes.FindInMemory(head.Tenant, id) is { } node && IsHere(node) ? node.Depth : null);

    public ValueTask<IReadOnlyDictionary<string, int>> FindItemsAsync(
        IReadOnlyList<string> itemIds, int before, CancellationToken caller)
    {
        var depths = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var id in itemIds)
            foreach (var node in nodes.HoldersOf(head.Tenant, id))
                if (node.Depth < before && (!depths.TryGetValue(id, out var oldest) || node.Depth < oldest) && IsHere(node))
                    depths[id] = node.Depth;
        return new(depths);
    }

    private bool IsHere(ChainNode node) => head.Ancestor(node.Depth) is { } own && own.Id == node.Id;
}
