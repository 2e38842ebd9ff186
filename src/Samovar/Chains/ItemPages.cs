using Samovar.Protocol.Errors;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;

namespace Samovar.Chains;

/// <summary>The items of a chain as lists show them, each under an id of its own that is good for a reference, too.</summary>
/// <remarks>
/// An item is listed under its own id; one that came without, or with an id that an older item of the chain has, under one by its place.
/// So an item's id stays as it is while the chain grows, and is known without reading the chain: an index says whether an older item has
/// the id.
/// </remarks>
internal sealed class ItemPages(IChainExcerpt chain)
{
    public static readonly ItemPages Empty = new(new RunningExcerpt(null, new ResponseId(""), []));
    private const int RowsAtFirst = 4, RowsAtOnceMax = 32, RowsFactor = 4;
    private const long BytesAtOnce = 1 << 20; // of rows that are read together; what they have shows when they are read
    private const int PlaceStepsMax = 8; // clients may send again what was sent again under the place of what was sent again, and so on

    /// <summary>What the query asks for, and whether more follows; before it, where it asks backwards.</summary>
    /// <exception cref="ApiException">It begins or ends at an item that is not in the list.</exception>
    public async Task<(List<ChainItem> Page, bool HasMore)> ReadAsync(ItemQuery query, CancellationToken caller)
    {
        var (after, before) = (await RequireAsync("after", query.After, caller), await RequireAsync("before", query.Before, caller));
        var isBackward = before is not null;
        var isUp = query.IsDescending == isBackward;
        if (after is not null && before?.IsBehind(after, isUp: !query.IsDescending) == false) throw Unknown("before", query.Before!);
        var (page, hasMore) = await WalkAsync(isBackward ? before : after, isBackward ? after : null, isUp, query, caller);
        if (isBackward) page.Reverse();
        return (page, hasMore);
    }

    /// <summary>The item that is listed under an id; null where none is.</summary>
    public async Task<ChainItem?> FindAsync(string id, CancellationToken caller)
    {
        if (ItemNames.PlaceOf(id.TrimEnd('_')) is var (owner, _))
            foreach (var row in Owners(owner))
                if (await chain.FindRowAsync(row, caller) is { } placed && await FindAsync(placed, id, caller) is { } found) return found;
        var depths = await chain.FindItemsAsync([id], chain.Last + 1, caller);
        return depths.TryGetValue(id, out var depth) ? await FindAsync(depth, id, caller) : null;
    }

    /// <summary>The items of these rows, oldest first.</summary>
    public async Task<List<ChainItem>> ItemsAsync(int first, int last, CancellationToken caller)
    {
        var rows = await chain.ReadAsync(first, last, caller);
        var items = new List<ChainItem>();
        if (rows.Count == 0) return items;
        var seen = await SeenBeforeAsync(rows, caller);
        foreach (var row in rows)
            for (var place = 0; place < row.Items.Count; place++)
            {
                var item = row.Items[place];
                items.Add(new(item, item.Id is { } own && seen.Add(own) ? own : ByPlace(item, row.Id, place, seen), row.Depth, place));
            }
        return items;
    }

    private static string ByPlace(Item item, ResponseId owner, int place, HashSet<string> seen)
    {
        var id = ItemNames.ByPlace(item, owner.Value, place);
        while (!seen.Add(id)) id += "_"; // a client gave it to another item
        return id;
    }

    private static ResponseId[] Owners(string owner) =>
        [new ResponseId(ResponseId.Prefix + owner), new ResponseId(ItemNames.RowPrefix + owner)];

    private async Task<ChainItem?> RequireAsync(string name, string? id, CancellationToken caller) =>
        id is null ? null : await FindAsync(id, caller) ?? throw Unknown(name, id);

    private static ApiException Unknown(string name, string id) =>
        QueryReader.Unknown(name, id, "ids of items in this list");

    private async Task<ChainItem?> FindAsync(int depth, string id, CancellationToken caller) =>
        (await ItemsAsync(depth, depth, caller)).Find(item => item.Id == id);

    /// <summary>Behind an item, or from the list's end, until another one; and whether more follow before that.</summary>
    private async Task<(List<ChainItem> Found, bool HasMore)> WalkAsync(
        ChainItem? from, ChainItem? until, bool isUp, ItemQuery query, CancellationToken caller)
    {
        var (found, bytes, rowsAtOnce) = (new List<ChainItem>(), 0L, RowsAtFirst);
        var depth = from?.Depth ?? (isUp ? chain.First : chain.Last);
        while (depth >= chain.First && depth <= chain.Last)
        {
            var more = Math.Min((query.Limit + 1 - found.Count) / 2, rowsAtOnce - 1); // a turn has two items at least, mostly
            var (first, last) = isUp ? (depth, Math.Min(depth + more, chain.Last)) : (Math.Max(depth - more, chain.First), depth);
            var items = await ItemsAsync(first, last, caller);
            rowsAtOnce = items.Sum(static item => (long)item.Bytes) > BytesAtOnce ? Math.Max(rowsAtOnce / RowsFactor, 1)
                : Math.Min(rowsAtOnce * RowsFactor, RowsAtOnceMax);
            if (!isUp) items.Reverse();
            foreach (var item in items)
            {
                if (from is not null && !item.IsBehind(from, isUp)) continue;
                if (until is not null && !until.IsBehind(item, isUp)) return (found, false);
                if (found.Count == query.Limit || bytes >= query.BytesMax) return (found, true);
                found.Add(item);
                bytes += item.Bytes;
            }
            depth = isUp ? last + 1 : first - 1;
        }
        return (found, false);
    }

    /// <summary>Which ids of the rows' items stand in the list before these rows.</summary>
    private async Task<HashSet<string>> SeenBeforeAsync(IReadOnlyList<ListedRow> rows, CancellationToken caller)
    {
        var before = rows[0].Depth;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        if (before == chain.First) return seen;
        string[] own = [.. rows.SelectMany(row => row.Items).Select(item => item.Id).OfType<string>().Distinct(StringComparer.Ordinal)];
        foreach (var (id, _) in await chain.FindItemsAsync(own, before, caller)) seen.Add(id);
        foreach (var id in own)
            if (!seen.Contains(id) && await IsPlaceBeforeAsync(id, before, caller)) seen.Add(id);
        return seen;
    }

    /// <summary>Whether the id is an older item's by its place: clients send items again under the ids that lists gave them.</summary>
    /// <remarks>
    /// An item that came with an id is listed by its place where an older one has that id, be it by its own place, and so on: each step
    /// looks at one item of one row.
    /// </remarks>
    private async Task<bool> IsPlaceBeforeAsync(string id, int before, CancellationToken caller)
    {
        for (var steps = 0; steps < PlaceStepsMax; steps++)
        {
            if (ItemNames.PlaceOf(id) is not var (owner, place)) return false;
            if (await RowBeforeAsync(owner, before, caller) is not { } row || place >= row.Items.Count) return false;
            var item = row.Items[place];
            if (ItemNames.ByPlace(item, row.Id.Value, place) != id) return false;
            if (item.Id is not { } own || own == id || row.Items.Take(place).Any(other => other.Id == own)) return true;
            if ((await chain.FindItemsAsync([own], row.Depth, caller)).ContainsKey(own)) return true;
            (id, before) = (own, row.Depth);
        }
        return true; // a name by its place is good in any case
    }

    private async Task<ListedRow?> RowBeforeAsync(string owner, int before, CancellationToken caller)
    {
        foreach (var row in Owners(owner))
            if (await chain.FindRowAsync(row, caller) is { } depth && depth < before)
                return (await chain.ReadAsync(depth, depth, caller)).SingleOrDefault();
        return null;
    }
}

/// <summary>An item in a list.</summary>
/// <param name="Depth">The row that has it.</param>
/// <param name="Place">Where it stands in that.</param>
internal sealed record ChainItem(Item Item, string Id, int Depth, int Place)
{
    public int Bytes => Item.Json.Utf8.Length;

    /// <summary>Whether it comes later than another, on the way to newer ones or to older ones.</summary>
    public bool IsBehind(ChainItem other, bool isUp)
    {
        var order = Depth != other.Depth ? Depth.CompareTo(other.Depth) : Place.CompareTo(other.Place);
        return isUp ? order > 0 : order < 0;
    }
}

/// <summary>Which items are asked for: so many behind one, or in front of one.</summary>
internal sealed record ItemQuery(int Limit, bool IsDescending, string? After = null, string? Before = null)
{
    /// <summary>Behind the item that passes it there are no more.</summary>
    public long BytesMax { get; init; } = long.MaxValue;
}
