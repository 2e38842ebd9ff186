using Samovar.Protocol.Items;

namespace Samovar.Chains;

/// <summary>Looks items up in chains by one walk, however many are wanted: a request may name thousands, a chain be long.</summary>
/// <param name="wanted">Their ids; what was found is taken out.</param>
internal sealed class ChainItems(HashSet<string> wanted)
{
    private readonly Dictionary<string, Item> _found = new(StringComparer.Ordinal);
    private readonly HashSet<ChainNode> _seen = new(ReferenceEqualityComparer.Instance);

    public IReadOnlyDictionary<string, Item> Found => _found;

    /// <summary>From a chain's end to its start, or to where another walk was before.</summary>
    /// <param name="end">The newest node.</param>
    /// <param name="storedOnly">Whether to stop at a response that was not to be stored.</param>
    public void Walk(ChainNode? end, bool storedOnly = false)
    {
        for (var node = end; wanted.Count > 0 && node is not null && (node.Store || !storedOnly) && _seen.Add(node); node = node.Parent)
        {
            foreach (var item in node.Output) Note(item);
            var place = 0;
            foreach (var item in node.Shown)
            {
                Note(item, item.Id ?? ItemNames.ByPlace(item, node.Id.Value, place)); // as conversations list it
                place++;
            }
        }
    }

    public void Note(Item? item)
    {
        if (item?.Id is { } id) Note(item, id);
    }

    private void Note(Item item, string id)
    {
        if (wanted.Remove(id)) _found.Add(id, item);
    }
}
