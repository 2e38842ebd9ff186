using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;

namespace Samovar.Chains;

/// <summary>A chain up to one row, of which lists read a part: what they ask for costs that part, however long the chain is.</summary>
public interface IChainExcerpt
{
    /// <summary>The depth of the oldest row that there is.</summary>
    int First { get; }

    /// <summary>The depth of the newest row.</summary>
    int Last { get; }

    /// <summary>The rows of these depths, oldest first.</summary>
    ValueTask<IReadOnlyList<ListedRow>> ReadAsync(int first, int last, CancellationToken caller);

    /// <summary>The depth of a row of the chain; null where it is no row of this chain.</summary>
    ValueTask<int?> FindRowAsync(ResponseId id, CancellationToken caller);

    /// <summary>Which of the ids are ids of the chain's own items, and the depth of the oldest row that has one so.</summary>
    /// <param name="before">Rows of this depth and above are not looked at.</param>
    ValueTask<IReadOnlyDictionary<string, int>> FindItemsAsync(IReadOnlyList<string> itemIds, int before, CancellationToken caller);
}

/// <summary>One row of a chain as lists see it.</summary>
/// <param name="Items">What it brought in, and behind it what it answered.</param>
/// <param name="InputCount">How many of them it brought in.</param>
public sealed record ListedRow(ResponseId Id, int Depth, IReadOnlyList<Item> Items, int InputCount);
