using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;

namespace Samovar.Chains;

/// <summary>Stored items by the ids that lists show.</summary>
internal static class ListedItems
{
    /// <summary>A stored item by an id of its own or by the one that it is listed under. Null for an unknown one.</summary>
    public static async ValueTask<Item?> FindAsync(IChainStore store, TenantId tenant, string itemId, CancellationToken caller)
    {
        if (await store.FindItemAsync(tenant, itemId, caller) is { } item) return item;
        if (ItemNames.PlaceOf(itemId) is not var (owner, index)) return null;
        var node = await store.FindAsync(tenant, new ResponseId(ResponseId.Prefix + owner), caller);
        if (node is null || index >= node.Shown.Count) return null;
        var placed = node.Shown[index];
        return !node.Unsent.Contains(placed) && ItemNames.ByPlace(placed, node.Id.Value, index) == itemId
            ? ItemNames.Named(placed, itemId) : null;
    }
}
