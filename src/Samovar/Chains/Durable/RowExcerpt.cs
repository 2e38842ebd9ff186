using Samovar.Chains.Packing;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Stores;

namespace Samovar.Chains.Durable;

/// <summary>A stored chain that is left where it is, but for the rows that a list shows.</summary>
/// <param name="away">What a store that cannot be reached is to whoever asks.</param>
internal sealed class RowExcerpt(
    IChainSpans spans, TenantId tenant, ResponseId head, int depth, Func<StoreAwayException, ApiException> away) : IChainExcerpt
{
    public int First => 1;
    public int Last => depth;

    public async ValueTask<IReadOnlyList<ListedRow>> ReadAsync(int first, int last, CancellationToken caller)
    {
        (first, last) = (Math.Max(first, First), Math.Min(last, Last));
        var rows = await AskAsync(spans.ReadAsync(tenant, head, first, last, caller));
        for (var i = 0; i < rows.Count; i++)
            if (rows[i].Tenant != tenant || rows[i].Depth != first + i || i > 0 && rows[i].Parent != rows[i - 1].Id)
                throw new ApiException(Errors.StoredUnreadable, [rows[i].Id, "its row is out of place"]);
        if (rows.Count < last - first + 1) throw away(new StoreAwayException("The chain was removed while it was read."));
        return [.. rows.Select(Listed)];
    }

    public ValueTask<int?> FindRowAsync(ResponseId id, CancellationToken caller) =>
        new(AskAsync(spans.FindRowAsync(tenant, head, id, caller)));

    public ValueTask<IReadOnlyDictionary<string, int>> FindItemsAsync(
        IReadOnlyList<string> itemIds, int before, CancellationToken caller) =>
        new(AskAsync(spans.FindItemsAsync(tenant, head, itemIds, before, caller)));

    private static ListedRow Listed(ChainRow row)
    {
        try
        {
            var (input, output) = ChainPacking.ItemsOf(row);
            return new ListedRow(row.Id, row.Depth, [.. input, .. output], input.Count);
        }
        catch (InvalidDataException broken)
        {
            throw new ApiException(Errors.StoredUnreadable, [row.Id, broken.Message], cause: broken);
        }
    }

    private async Task<T> AskAsync<T>(ValueTask<T> asking)
    {
        try { return await asking; }
        catch (StoreAwayException cause) { throw away(cause); }
    }
}
