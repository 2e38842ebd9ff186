using System.Text.Json;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Requests;

/// <summary>Reads the items of <c>input</c>.</summary>
internal static class InputReader
{
    public static IReadOnlyList<Item> Items(ref JsonCursor json)
    {
        return json.Elements(json.Limits.InputItemsMax, One);
    }

    private static Item One(ref JsonCursor json)
    {
        var item = ItemReader.Read(ref json);
        return item is CompactionTriggerItem ? throw json.Fail(UnsupportedParameter, json.Path) : item;
    }
}
