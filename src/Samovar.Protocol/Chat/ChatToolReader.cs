using System.Text.Json;
using Samovar.Protocol.Json;
using Samovar.Protocol.Translation;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Chat;

/// <summary>Reads <c>tools</c> and <c>tool_choice</c>: what stands in an inner object here stands in the tool itself there.</summary>
internal static class ChatToolReader
{
    private static readonly string[] Kinds = ["function", "custom"];

    private static readonly FieldTable<Draft> Fields = new(
        ("type", static (ref json, tool) => json.Skip()),
        ("function", static (ref json, tool) => tool.Function = json.OptionalObjectRaw()),
        ("custom", ReadCustom),
        ("allowed_tools", ReadAllowed));

    private static readonly FieldTable<Draft> CustomFields = new(
        ("name", static (ref json, tool) => tool.Name = json.NameText()),
        ("description", static (ref json, tool) => tool.Description = json.OptionalText(json.Limits.TextCharsMax)),
        ("format", static (ref json, tool) =>
        {
            if (!json.IsNull) json.Object(FormatFields!, tool);
        }));

    private static readonly FieldTable<Draft> FormatFields = new(
        ("type", static (ref json, tool) => json.Skip()),
        ("grammar", static (ref json, tool) => tool.Grammar = json.OptionalObjectRaw()));

    private static readonly FieldTable<Draft> AllowedFields = new(
        ("mode", static (ref json, tool) => tool.Mode = json.Raw()),
        ("tools", static (ref json, tool) => tool.Allowed = Tools(ref json)));

    /// <summary>The tools as a create request has them.</summary>
    public static RawJson Tools(ref JsonCursor json) => Unnesting.Array(json.Elements(json.Limits.ToolsMax, Tool));

    /// <summary>A word, one tool, or several that are allowed.</summary>
    public static RawJson Choice(ref JsonCursor json)
    {
        if (json.Token == JsonTokenType.String) return json.Raw();
        var type = json.Peek("type", "type"u8) ?? throw json.Missing("type");
        if (type != "allowed_tools") return Tool(ref json);
        var choice = new Draft();
        json.Object(Fields, choice);
        if (choice.Allowed.IsEmpty) throw json.Missing("allowed_tools");
        var mode = choice.Mode.IsEmpty ? RawJson.Of("\"auto\"") : choice.Mode;
        return RawJson.Of($$"""{"type":"allowed_tools","mode":{{mode}},"tools":{{choice.Allowed}}}""");
    }

    /// <summary>One tool, offered or only named.</summary>
    private static RawJson Tool(ref JsonCursor json)
    {
        var type = json.Peek("type", "type"u8) ?? throw json.Missing("type");
        if (!Kinds.Contains(type, StringComparer.Ordinal))
        {
            json.Push("type");
            throw json.Fail(UnsupportedValue, type);
        }
        var tool = new Draft();
        json.Object(Fields, tool);
        if (type == "function") return Unnesting.Lift(type, tool.Function.IsEmpty ? throw json.Missing(type) : tool.Function);
        return Custom(tool.Name is null ? throw json.Missing(type) : tool);
    }

    private static RawJson Custom(Draft tool) => new(JsonBuffer.Bytes(tool, static (writer, tool) =>
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "custom"u8);
        writer.WriteString("name"u8, tool.Name);
        if (tool.Description is not null) writer.WriteString("description"u8, tool.Description);
        if (!tool.Grammar.IsEmpty)
        {
            writer.WritePropertyName("format"u8);
            Unnesting.Lift("grammar", tool.Grammar).WriteTo(writer);
        }
        writer.WriteEndObject();
    }));

    private static void ReadCustom(ref JsonCursor json, Draft tool)
    {
        if (!json.IsNull) json.Object(CustomFields, tool);
    }

    private static void ReadAllowed(ref JsonCursor json, Draft choice)
    {
        if (!json.IsNull) json.Object(AllowedFields, choice);
    }

    private sealed class Draft
    {
        public RawJson Function { get; set; }
        public string? Name { get; set; }
        public string? Description { get; set; }
        public RawJson Grammar { get; set; }
        public RawJson Mode { get; set; }
        public RawJson Allowed { get; set; }
    }
}
