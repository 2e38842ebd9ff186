using System.Text.Json;
using Samovar.Protocol.Json;
using Samovar.Protocol.Translation;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Messages;

/// <summary>Reads <c>tools</c> and <c>tool_choice</c>. Tools that the provider runs itself, or that it knows by a version, are kept for
/// it as they are.</summary>
internal static class MessagesToolReader
{
    private const string Ours = "custom"; // what the protocol calls a tool that the client runs

    private static readonly string[] Choices = ["auto", "any", "tool", "none"];

    private static readonly FieldTable<Draft> Fields = new(
        ("type", static (ref json, tool) => tool.Kind = json.OptionalName()),
        ("name", static (ref json, tool) => tool.Name = json.Raw()),
        ("description", static (ref json, tool) => tool.Description = json.Raw()),
        ("input_schema", static (ref json, tool) => tool.Schema = json.Raw()),
        ("strict", static (ref json, tool) => tool.Strict = json.Raw()),
        ("disable_parallel_tool_use", static (ref json, tool) => tool.IsSequential = json.OptionalBool() ?? false));

    /// <summary>The tools as a create request has them, but for marks of the client's cache.</summary>
    public static RawJson Tools(ref JsonCursor json) => Unnesting.Array(json.Elements(json.Limits.ToolsMax, Tool));

    public static void Choice(ref JsonCursor json, RequestDraft request)
    {
        var choice = new Draft();
        json.Object(Fields, choice);
        json.Push("type");
        if (choice.Kind is { } kind && !Choices.Contains(kind, StringComparer.Ordinal))
            throw json.Fail(InvalidValue, kind, "'auto', 'any', 'tool' and 'none'");
        json.Pop();
        request.Set("tool_choice", choice.Kind switch
        {
            "any" => RawJson.Of("\"required\""),
            "none" => RawJson.Of("\"none\""),
            "auto" => RawJson.Of("\"auto\""),
            "tool" when choice.Name.IsEmpty => throw json.Missing("name"),
            "tool" => RawJson.Of($$"""{"type":"function","name":{{choice.Name}}}"""),
            _ => throw json.Missing("type"),
        });
        if (choice.IsSequential) request.Set("parallel_tool_calls", RawJson.Of("false"));
    }

    private static RawJson Tool(ref JsonCursor json)
    {
        if (json.Peek("type", "type"u8) is { } kind and not Ours)
        {
            if (HostedTool.Is(kind)) return CarriedBlock.Unmarked(json.ObjectRaw());
            json.Push("type");
            throw json.Fail(UnsupportedValue, kind);
        }
        var tool = new Draft();
        json.Object(Fields, tool);
        if (tool.Name.IsEmpty) throw json.Missing("name");
        if (tool.Schema.IsEmpty) throw json.Missing("input_schema");
        return new RawJson(JsonBuffer.Bytes(tool, static (writer, tool) =>
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "function"u8);
            Write(writer, "name"u8, tool.Name);
            Write(writer, "description"u8, tool.Description);
            Write(writer, "parameters"u8, tool.Schema);
            Write(writer, "strict"u8, tool.Strict);
            writer.WriteEndObject();
        }));
    }

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, RawJson value)
    {
        if (value.IsEmpty) return;
        writer.WritePropertyName(name);
        value.WriteTo(writer);
    }

    private sealed class Draft
    {
        public string? Kind { get; set; }
        public RawJson Name { get; set; }
        public RawJson Description { get; set; }
        public RawJson Schema { get; set; }
        public RawJson Strict { get; set; }
        public bool IsSequential { get; set; }
    }
}
