using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;

namespace Samovar.Chains;

/// <summary>Items by tenant and id. Clients resend items under their ids, so several responses may hold one id: the newest is found, and
/// when it goes the one before.</summary>
internal sealed class ItemIndex
{
    private readonly Dictionary<(TenantId, string), LinkedList<Item>> _byId = [];

    public Item? Find(TenantId tenant, string id) => _byId.GetValueOrDefault((tenant, id))?.Last?.Value;

    /// <summary>The places of those that have an id, for <see cref="Remove"/>.</summary>
    public IReadOnlyList<LinkedListNode<Item>> Add(TenantId tenant, IEnumerable<Item> items)
    {
        var places = new List<LinkedListNode<Item>>();
        foreach (var item in items)
        {
            if (item.Id is not { } id) continue;
            if (!_byId.TryGetValue((tenant, id), out var same)) same = _byId[(tenant, id)] = new LinkedList<Item>();
            places.Add(same.AddLast(item));
        }
        return places;
    }

    public void Remove(TenantId tenant, IReadOnlyList<LinkedListNode<Item>> places)
    {
        foreach (var place in places)
        {
            var same = place.List!;
            same.Remove(place);
            if (same.Count == 0) _byId.Remove((tenant, place.Value.Id!));
        }
    }
}
