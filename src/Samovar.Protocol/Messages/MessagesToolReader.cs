using System.Text.Json;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Translation;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Messages;

/// <summary>Reads <c>tools</c> and <c>tool_choice</c>. Tools that the provider runs itself, or that it knows by a version, are kept for
/// it as they are.</summary>
internal static class MessagesToolReader
{
    private const string Ours = "custom"; // what the protocol calls a tool that the client runs

    private static readonly FieldTable<Draft> Fields = new(
        ("type", static (ref json, tool) => tool.Kind = json.OptionalName()),
        ("name", static (ref json, tool) => tool.Name = Forms.ToolName.Read(ref json)),
        ("description", static (ref json, tool) => tool.Description = Forms.Text.Read(ref json)),
        ("input_schema", static (ref json, tool) => tool.Schema = ArgumentsForm.Read(ref json)),
        ("strict", static (ref json, tool) => tool.Strict = Forms.Flag.Read(ref json)),
        ("defer_loading", static (ref json, tool) => tool.Handling.ReadDeferred(ref json)),
        ("allowed_callers", static (ref json, tool) => tool.Handling.ReadCallers(ref json)),
        ("input_examples", static (ref json, tool) => tool.Handling.ReadExamples(ref json)),
        ("eager_input_streaming", static (ref json, tool) => tool.Handling.ReadEager(ref json)),
        ("cache_control", static (ref json, tool) => CacheMarkReader.Check(ref json)));

    private static readonly FieldTable<Draft> ChoiceFields = new(
        ("type", static (ref json, choice) => choice.Kind = Forms.MessagesChoice.Read(ref json)),
        ("name", static (ref json, choice) => choice.Name = Forms.ToolName.Read(ref json)),
        ("disable_parallel_tool_use", static (ref json, choice) => choice.IsSequential = Forms.Flag.Read(ref json) ?? false));

    /// <summary>The tools as a create request has them, but for marks of the client's cache, and for how they are handled: that stands
    /// beside them.</summary>
    public static void Tools(ref JsonCursor json, MessagesDraft draft)
    {
        var tools = new List<RawJson>();
        json.Each(json.Limits.ToolsMax, (tools, Names: new ToolNameSet(), draft.ToolHandlings), static (ref json, to) =>
            to.tools.Add(Tool(ref json, to.Names, to.ToolHandlings)));
        draft.Request.Set("tools", Unnesting.Array(tools));
    }

    public static void Choice(ref JsonCursor json, RequestDraft request)
    {
        var choice = new Draft();
        json.Object(ChoiceFields, choice);
        request.Set("tool_choice", choice.Kind switch
        {
            "any" => RawJson.Of("\"required\""),
            "none" => RawJson.Of("\"none\""),
            "auto" => RawJson.Of("\"auto\""),
            "tool" when choice.Name is null => throw json.Missing("name"),
            "tool" => RawJson.Of($$"""{"type":"function","name":"{{choice.Name}}"}"""),
            _ => throw json.Missing("type"),
        });
        if (choice.IsSequential) request.Set("parallel_tool_calls", RawJson.Of("false"));
    }

    private static RawJson Tool(ref JsonCursor json, ToolNameSet names, List<(string, ToolHandling)> handlings)
    {
        if (json.Peek("type", "type"u8) is { } kind and not Ours)
        {
            if (HostedTools.IsOfMessages(kind)) return CarriedBlock.Unmarked(json.ObjectRaw());
            json.Push("type");
            throw json.Fail(UnsupportedValue, kind);
        }
        var tool = new Draft();
        json.Object(Fields, tool);
        names.Add(ref json, tool.Name ?? throw json.Missing("name"), "name");
        if (tool.Schema.IsEmpty) throw json.Missing("input_schema");
        if (tool.Handling.Build() is { } handling) handlings.Add((tool.Name, handling));
        return new RawJson(JsonBuffer.Bytes(tool, static (writer, tool) =>
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "function"u8);
            writer.WriteString("name"u8, tool.Name);
            if (tool.Description is not null) writer.WriteString("description"u8, tool.Description);
            writer.WritePropertyName("parameters"u8);
            tool.Schema.WriteTo(writer);
            if (tool.Strict is { } strict) writer.WriteBoolean("strict"u8, strict);
            writer.WriteEndObject();
        }));
    }

    private sealed class Draft
    {
        public string? Kind { get; set; }
        public string? Name { get; set; }
        public string? Description { get; set; }
        public RawJson Schema { get; set; }
        public bool? Strict { get; set; }
        public ToolHandlingDraft Handling { get; } = new();
        public bool IsSequential { get; set; }
    }
}
