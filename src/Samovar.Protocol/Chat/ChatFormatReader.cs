using Samovar.Protocol.Json;
using Samovar.Protocol.Translation;

namespace Samovar.Protocol.Chat;

/// <summary>Reads <c>response_format</c> as <c>text.format</c>.</summary>
internal static class ChatFormatReader
{
    private static readonly string[] Kinds = ["text", "json_object", "json_schema"];

    private static readonly FieldTable<Draft> Fields = new(
        ("type", static (ref json, format) => format.Kind = json.OptionalWord(Kinds)),
        ("json_schema", static (ref json, format) => format.Schema = json.OptionalObjectRaw()));

    public static RawJson Read(ref JsonCursor json)
    {
        if (json.IsNull) return default;
        var format = new Draft();
        json.Object(Fields, format);
        if (format.Kind is not { } kind) throw json.Missing("type");
        if (kind != "json_schema") return RawJson.Of($$"""{"type":"{{kind}}"}""");
        return Unnesting.Lift(kind, format.Schema.IsEmpty ? throw json.Missing("json_schema") : format.Schema);
    }

    private sealed class Draft
    {
        public string? Kind { get; set; }
        public RawJson Schema { get; set; }
    }
}
