using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;

namespace Samovar.Chains;

/// <summary>What a response was made from: the chain before it and its own input.</summary>
/// <param name="chain">Up to the response, with what it answered.</param>
internal sealed class InputExcerpt(IChainExcerpt chain) : IChainExcerpt
{
    public int First => chain.First;
    public int Last => chain.Last;

    public async ValueTask<IReadOnlyList<ListedRow>> ReadAsync(int first, int last, CancellationToken caller)
    {
        var rows = await chain.ReadAsync(first, last, caller);
        return [.. rows.Select(row => row.Depth < Last ? row : row with { Items = [.. row.Items.Take(row.InputCount)] })];
    }

    public ValueTask<int?> FindRowAsync(ResponseId id, CancellationToken caller) => chain.FindRowAsync(id, caller);

    public ValueTask<IReadOnlyDictionary<string, int>> FindItemsAsync(
        IReadOnlyList<string> itemIds, int before, CancellationToken caller) => chain.FindItemsAsync(itemIds, before, caller);
}

/// <summary>What a response is being made from.</summary>
/// <param name="parent">The chain before it; null where it begins one.</param>
internal sealed class RunningExcerpt(IChainExcerpt? parent, ResponseId id, IReadOnlyList<Item> input) : IChainExcerpt
{
    private readonly ListedRow _own = new(id, (parent?.Last ?? 0) + 1, input, input.Count);

    public int First => parent?.First ?? _own.Depth;
    public int Last => _own.Depth;

    public async ValueTask<IReadOnlyList<ListedRow>> ReadAsync(int first, int last, CancellationToken caller)
    {
        var rows = new List<ListedRow>();
        if (parent is not null && first < Last) rows.AddRange(await parent.ReadAsync(first, Math.Min(last, parent.Last), caller));
        if (first <= Last && last >= Last) rows.Add(_own);
        return rows;
    }

    public ValueTask<int?> FindRowAsync(ResponseId row, CancellationToken caller) =>
        row == id ? new(Last) : parent?.FindRowAsync(row, caller) ?? default;

    public async ValueTask<IReadOnlyDictionary<string, int>> FindItemsAsync(
        IReadOnlyList<string> itemIds, int before, CancellationToken caller)
    {
        var found = new Dictionary<string, int>(StringComparer.Ordinal);
        if (parent is not null)
            foreach (var (itemId, depth) in await parent.FindItemsAsync(itemIds, before, caller)) found.Add(itemId, depth);
        if (before > Last)
            foreach (var item in input)
                if (item.Id is { } own && itemIds.Contains(own, StringComparer.Ordinal)) found.TryAdd(own, Last);
        return found;
    }
}
