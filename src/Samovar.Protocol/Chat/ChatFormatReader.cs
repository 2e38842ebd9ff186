using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;
using Samovar.Protocol.Translation;

namespace Samovar.Protocol.Chat;

/// <summary>Reads <c>response_format</c> as <c>text.format</c>.</summary>
internal static class ChatFormatReader
{
    private static readonly FieldTable<Draft> Fields = new(
        ("type", static (ref json, format) => format.Kind = Forms.FormatType.Read(ref json)),
        ("json_schema", ReadSchema));

    // Checked here, under the client's own names; what it says of the schema is read from the same bytes.
    private static readonly FieldTable<Draft> SchemaFields = new(
        ("name", static (ref json, format) => format.HasName = Forms.SchemaName.Read(ref json) is not null),
        ("schema", static (ref json, format) => format.HasSchema = !json.OptionalObjectRaw().IsEmpty),
        ("strict", static (ref json, format) => Forms.Flag.Check(ref json)),
        ("description", static (ref json, format) => Forms.Text.Check(ref json)));

    public static RawJson Read(ref JsonCursor json)
    {
        if (json.IsNull) return default;
        var format = new Draft();
        json.Object(Fields, format);
        if (format.Kind is not { } kind) throw json.Missing("type");
        if (kind != "json_schema") return RawJson.Of($$"""{"type":"{{kind}}"}""");
        if (format.Schema.IsEmpty) throw json.Missing("json_schema");
        json.Push("json_schema");
        if (!format.HasName) throw json.Missing("name");
        if (!format.HasSchema) throw json.Missing("schema");
        json.Pop();
        return Unnesting.Lift(kind, format.Schema);
    }

    private static void ReadSchema(ref JsonCursor json, Draft format)
    {
        if (json.IsNull) return;
        var start = json.Start;
        json.Object(SchemaFields, format);
        format.Schema = json.Since(start);
    }

    private sealed class Draft
    {
        public string? Kind { get; set; }
        public RawJson Schema { get; set; }
        public bool HasName { get; set; }
        public bool HasSchema { get; set; }
    }
}
