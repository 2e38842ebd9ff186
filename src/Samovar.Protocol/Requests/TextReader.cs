using System.Text.Json;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Requests;

/// <summary>Reads <c>text</c>: the answer's form and its length.</summary>
internal static class TextReader
{
    private static readonly FieldTable<CreateDraft> Fields = new(
        ("verbosity", static (ref json, draft) => draft.Request.Verbosity = Forms.Verbosity.Read(ref json)),
        ("format", static (ref json, draft) => draft.Request.Format = ReadFormat(ref json)));

    private static readonly FieldTable<FormatDraft> FormatFields = new(
        ("type", static (ref json, format) => format.Type = Forms.FormatType.Read(ref json)),
        ("name", static (ref json, format) => format.Name = Forms.SchemaName.Read(ref json)),
        ("schema", static (ref json, format) => format.Schema = json.OptionalObjectRaw()),
        ("strict", static (ref json, format) => format.Strict = Forms.Flag.Read(ref json)),
        ("description", static (ref json, format) => format.Description = Forms.Text.Read(ref json)));

    public static void Read(ref JsonCursor json, CreateDraft draft)
    {
        if (!json.IsNull) json.Object(Fields, draft);
    }

    private static TextFormat ReadFormat(ref JsonCursor json)
    {
        if (json.IsNull) return TextFormat.Default;
        var format = new FormatDraft();
        json.Object(FormatFields, format);
        return format.Type switch
        {
            "text" => TextFormat.Default,
            "json_object" => new TextFormat.JsonObject(),
            "json_schema" => new TextFormat.JsonSchema(
                format.Name ?? throw json.Missing("name"),
                format.Schema.IsEmpty ? throw json.Missing("schema") : format.Schema, format.Strict, format.Description),
            _ => throw json.Missing("type"),
        };
    }

    private sealed class FormatDraft
    {
        public string? Type { get; set; }
        public string? Name { get; set; }
        public RawJson Schema { get; set; }
        public bool? Strict { get; set; }
        public string? Description { get; set; }
    }
}
