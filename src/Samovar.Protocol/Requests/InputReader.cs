using System.Text.Json;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Requests;

/// <summary>Reads the items of <c>input</c>.</summary>
internal static class InputReader
{
    public static List<Item> Items(ref JsonCursor json)
    {
        json.Expect(JsonTokenType.StartArray, "an array");
        var max = json.Limits.InputItemsMax;
        var items = new List<Item>();
        while (json.NextElement())
        {
            if (items.Count == max) throw json.Fail(ArrayTooLong, json.Path, max);
            json.Push(items.Count);
            var item = ItemReader.Read(ref json);
            if (item is CompactionTriggerItem) throw json.Fail(UnsupportedParameter, json.Path);
            items.Add(item);
            json.Pop();
        }
        return items;
    }
}
