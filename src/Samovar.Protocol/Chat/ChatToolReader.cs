using System.Text.Json;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Translation;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Chat;

/// <summary>Reads <c>tools</c>: what chat puts into an inner object is in the tool itself in Responses.</summary>
internal static class ChatToolReader
{
    private static readonly FieldTable<Draft> Fields = new(
        ("type", static (ref json, tool) => json.Skip()),
        ("function", ReadFunction),
        ("custom", static (ref json, tool) =>
        {
            if (!json.IsNull) json.Object(CustomFields!, tool);
        }));

    // Checked here, under the client's own names; the tool goes on as it came.
    private static readonly FieldTable<Draft> FunctionFields = new(
        ("name", static (ref json, tool) => tool.Name = Forms.ToolName.Read(ref json)),
        ("description", static (ref json, tool) => Forms.Text.Check(ref json)),
        ("parameters", static (ref json, tool) => Forms.Arguments.Check(ref json)),
        ("strict", static (ref json, tool) => Forms.Flag.Check(ref json)));

    private static readonly FieldTable<Draft> CustomFields = new(
        ("name", static (ref json, tool) => tool.Name = Forms.ToolName.Read(ref json)),
        ("description", static (ref json, tool) => tool.Description = Forms.Text.Read(ref json)),
        ("format", ReadFormat));

    private static readonly FieldTable<Draft> FormatFields = new(
        ("type", static (ref json, tool) => tool.FormatType = Forms.CustomFormat.Read(ref json)),
        ("grammar", ReadGrammar));

    private static readonly FieldTable<Draft> GrammarFields = new(
        ("syntax", static (ref json, tool) => tool.HasSyntax = Forms.GrammarSyntax.Read(ref json) is not null),
        ("definition", static (ref json, tool) => tool.HasDefinition = Forms.Text.Read(ref json) is not null));

    /// <summary>The tools as a create request has them.</summary>
    public static RawJson Tools(ref JsonCursor json)
    {
        var tools = new List<RawJson>();
        json.Each(json.Limits.ToolsMax, (tools, Names: new ToolNameSet()), static (ref json, to) =>
        {
            var (type, name, tool) = Tool(ref json);
            to.Names.Add(ref json, name, type, "name");
            to.tools.Add(tool);
        });
        return Unnesting.Array(tools);
    }

    /// <summary>One tool, offered or only named.</summary>
    public static (string Type, string Name, RawJson Tool) Tool(ref JsonCursor json)
    {
        var type = json.Peek("type", "type"u8) ?? throw json.Missing("type");
        if (!Forms.CallType.Words.Contains(type, StringComparer.Ordinal))
        {
            json.Push("type");
            throw json.Fail(UnsupportedValue, type);
        }
        var tool = new Draft();
        json.Object(Fields, tool);
        if (type == "function" && tool.Function.IsEmpty) throw json.Missing(type);
        json.Push(type);
        var name = tool.Name ?? throw json.Missing("name");
        json.Pop();
        return (type, name, type == "function" ? Unnesting.Lift(type, tool.Function) : Custom(tool));
    }

    private static void ReadFunction(ref JsonCursor json, Draft tool)
    {
        if (json.IsNull) return;
        var start = json.Start;
        json.Object(FunctionFields, tool);
        tool.Function = json.Since(start);
    }

    private static void ReadFormat(ref JsonCursor json, Draft tool)
    {
        if (json.IsNull) return;
        json.Object(FormatFields, tool);
        if (tool.FormatType is null) throw json.Missing("type");
        if (tool.FormatType != "grammar") return;
        if (tool.Grammar.IsEmpty) throw json.Missing("grammar");
        json.Push("grammar");
        if (!tool.HasSyntax) throw json.Missing("syntax");
        if (!tool.HasDefinition) throw json.Missing("definition");
        json.Pop();
    }

    private static void ReadGrammar(ref JsonCursor json, Draft tool)
    {
        if (json.IsNull) return;
        var start = json.Start;
        json.Object(GrammarFields, tool);
        tool.Grammar = json.Since(start);
    }

    private static RawJson Custom(Draft tool) => new(JsonBuffer.Bytes(tool, static (writer, tool) =>
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "custom"u8);
        writer.WriteString("name"u8, tool.Name);
        if (tool.Description is not null) writer.WriteString("description"u8, tool.Description);
        if (tool.FormatType == "grammar")
        {
            writer.WritePropertyName("format"u8);
            Unnesting.Lift("grammar", tool.Grammar).WriteTo(writer);
        }
        writer.WriteEndObject();
    }));

    private sealed class Draft
    {
        public RawJson Function { get; set; }
        public string? Name { get; set; }
        public string? Description { get; set; }
        public string? FormatType { get; set; }
        public RawJson Grammar { get; set; }
        public bool HasSyntax { get; set; }
        public bool HasDefinition { get; set; }
    }
}
