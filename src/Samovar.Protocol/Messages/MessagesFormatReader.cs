using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Messages;

/// <summary>Reads <c>output_config.format</c>, or <c>output_format</c>, its older name, as <c>text.format</c>.</summary>
internal static class MessagesFormatReader
{
    private static readonly FieldTable<Draft> Fields = new(
        ("type", static (ref json, format) => format.Kind = Forms.MessagesFormatType.Read(ref json)),
        ("schema", static (ref json, format) => format.Schema = json.OptionalObjectRaw()));

    /// <summary>The newer of its two names counts, and both are checked.</summary>
    public static void Read(ref JsonCursor json, MessagesDraft draft, string name)
    {
        if (json.IsNull) return;
        var format = new Draft();
        json.Object(Fields, format);
        if (format.Kind is null) throw json.Missing("type");
        if (format.Schema.IsEmpty) throw json.Missing("schema");
        if (name == MessagesWords.OlderFormat && !draft.Format.IsEmpty) return;
        (draft.FormatName, draft.Format) = (name, // the format has a name here and none there
            RawJson.Of($$$"""{"format":{"type":"json_schema","name":"output","strict":true,"schema":{{{format.Schema}}}}}"""));
    }

    private sealed class Draft
    {
        public string? Kind { get; set; }
        public RawJson Schema { get; set; }
    }
}
