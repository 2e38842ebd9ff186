using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;

namespace Samovar.Protocol.Messages;

/// <summary>Reads <c>compaction</c>.</summary>
internal static class SummaryReader
{
    private static readonly FieldTable<Draft> Fields = new(
        ("type", static (ref json, wish) => wish.Kind = Forms.SummaryType.Read(ref json)),
        ("instructions", static (ref json, wish) => wish.Instructions = Forms.Text.Read(ref json)));

    public static SummaryWish? Read(ref JsonCursor json)
    {
        if (json.IsNull) return null;
        var wish = new Draft();
        json.Object(Fields, wish);
        if (wish.Kind is null) throw json.Missing("type");
        return new SummaryWish(string.IsNullOrWhiteSpace(wish.Instructions) ? null : wish.Instructions);
    }

    private sealed class Draft
    {
        public string? Kind { get; set; }
        public string? Instructions { get; set; }
    }
}
