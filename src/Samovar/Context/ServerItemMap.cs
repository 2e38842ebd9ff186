using System.Collections.Immutable;
using Samovar.Protocol.Items;

namespace Samovar.Context;

/// <summary>Items of tools that run at the server, by what names them; chains share what they have in common.</summary>
internal readonly record struct ServerItemMap(ImmutableDictionary<string, Item>? Items)
{
    public Item? Find(string name) => Items?.GetValueOrDefault(name);

    public ServerItemMap With(string name, Item item) =>
        new((Items ?? ImmutableDictionary.Create<string, Item>(StringComparer.Ordinal)).SetItem(name, item));

    public ServerItemMap Without(string name) => new(Items?.Remove(name));
}
