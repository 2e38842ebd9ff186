using Samovar.Backends;
using Samovar.Protocol.Items;

namespace Samovar.Tools;

/// <summary>Makes items of what a backend reports, as its response will have them.</summary>
internal interface IItemFold
{
    void Add(BackendEvent e);

    /// <summary>The items that are done.</summary>
    IReadOnlyList<Item> Output { get; }
}
