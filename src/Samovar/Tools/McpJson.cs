using System.Text.Json;
using Samovar.Context;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Tools;

/// <summary>Writes the items and events of tools that run here, and the functions that stand for them.</summary>
internal static class McpJson
{
    /// <summary>An event of an item: which one it is, the fold knows.</summary>
    public static readonly RawJson Progress = RawJson.Of("""{"item_id":"","output_index":0}""");

    private static readonly RawJson AnyArguments = RawJson.Of("""{"type":"object","properties":{}}""");

    /// <summary>What the model is offered where a request has <c>web_search</c>.</summary>
    public static readonly RawJson SearchFunction = RawJson.Of("""
        {"type":"function","name":"web_search","description":"Searches the web and returns what it finds.","parameters":{"type":"object",
        "properties":{"query":{"type":"string","description":"What to search for."}},"required":["query"],"additionalProperties":false},
        "strict":false}
        """.ReplaceLineEndings(""));

    public static RawJson Array(IReadOnlyList<RawJson> elements) => Write(elements, static (writer, elements) =>
    {
        writer.WriteStartArray();
        foreach (var element in elements) element.WriteTo(writer);
        writer.WriteEndArray();
    });

    /// <summary>A tool as a function.</summary>
    /// <param name="waits">Whether calls of it wait for an approval: then the conversation may go on without its output.</param>
    public static RawJson Function(string name, string? description, RawJson schema, bool waits) =>
        Write((name, description, schema, waits), static (writer, tool) =>
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "function"u8);
            writer.WriteString("name"u8, tool.name);
            if (!string.IsNullOrEmpty(tool.description)) writer.WriteString("description"u8, tool.description);
            writer.WritePropertyName("parameters"u8);
            (tool.schema.IsObject ? tool.schema : AnyArguments).WriteTo(writer);
            writer.WriteBoolean("strict"u8, false);
            if (tool.waits) writer.WriteBoolean("async"u8, true);
            writer.WriteEndObject();
        });

    /// <summary>A server's tools.</summary>
    public static RawJson Namespace(string label, string? description, IReadOnlyList<RawJson> functions) =>
        Write((label, description, functions), static (writer, group) =>
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "namespace"u8);
            writer.WriteString("name"u8, group.label);
            if (!string.IsNullOrEmpty(group.description)) writer.WriteString("description"u8, group.description);
            writer.WriteStartArray("tools"u8);
            foreach (var function in group.functions) function.WriteTo(writer);
            writer.WriteEndArray();
            writer.WriteEndObject();
        });

    /// <summary>The list of a server's tools.</summary>
    public static RawJson List(string id, string label, IReadOnlyList<ListedTool> tools, string? error) =>
        Write((id, label, tools, error), static (writer, list) =>
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, list.id);
            writer.WriteString("type"u8, ServerItems.ListTools);
            writer.WriteString("server_label"u8, list.label);
            writer.WriteStartArray("tools"u8);
            foreach (var tool in list.tools) WriteListed(writer, tool);
            writer.WriteEndArray();
            WriteText(writer, "error"u8, list.error);
            writer.WriteEndObject();
        });

    /// <summary>A call, as far as it is.</summary>
    public static RawJson Call(ServedItem item, string status, string? output = null, ServedFault? fault = null) =>
        Write((item, status, output, fault), static (writer, call) =>
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, call.item.Id);
            writer.WriteString("type"u8, ServerItems.Call);
            writer.WriteString("status"u8, call.status);
            WriteText(writer, "approval_request_id"u8, call.item.ApprovedBy);
            writer.WriteString("arguments"u8, call.item.Arguments);
            writer.WritePropertyName("error"u8);
            if (call.fault is null) writer.WriteNullValue();
            else WriteFault(writer, call.fault);
            writer.WriteString("name"u8, call.item.Tool.Name);
            WriteText(writer, "output"u8, call.output);
            writer.WriteString("server_label"u8, call.item.Tool.Server.Label);
            writer.WriteEndObject();
        });

    /// <summary>A call that the user has to approve.</summary>
    public static RawJson Request(ServedItem item) =>
        ServedCall.Request(item.Id, item.Tool.Server.Label, item.Tool.Name, item.Arguments);

    /// <summary>A search, as far as it is.</summary>
    /// <param name="found">What was found; null where nothing is yet.</param>
    /// <param name="sources">Addresses that it names; null: nobody asked.</param>
    public static RawJson Search(string id, string query, string status, string? found, IReadOnlyList<string>? sources) =>
        Write((id, query, status, found, sources), static (writer, search) =>
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, search.id);
            writer.WriteString("type"u8, ServerItems.WebSearch);
            writer.WriteString("status"u8, search.status);
            writer.WriteStartObject("action"u8);
            writer.WriteString("type"u8, "search"u8);
            writer.WriteString("query"u8, search.query);
            writer.WriteStartArray("queries"u8);
            writer.WriteStringValue(search.query);
            writer.WriteEndArray();
            if (search.sources is not null) WriteSources(writer, search.sources);
            writer.WriteEndObject();
            if (search.found is not null) WriteFound(writer, search.found);
            writer.WriteEndObject();
        });

    /// <summary>A part of a call's arguments.</summary>
    public static RawJson Delta(string text) => Event("delta", text);

    /// <summary>A call's whole arguments.</summary>
    public static RawJson Arguments(string text) => Event("arguments", text);

    /// <summary>Arguments with one text.</summary>
    public static string Argument(string name, string value) => System.Text.Encoding.UTF8.GetString(
        Write((name, value), static (writer, one) =>
        {
            writer.WriteStartObject();
            writer.WriteString(one.name, one.value);
            writer.WriteEndObject();
        }).Utf8.Span);

    private static RawJson Event(string field, string text) => Write((field, text), static (writer, e) =>
    {
        writer.WriteStartObject();
        writer.WriteString("item_id"u8, ""u8);
        writer.WriteNumber("output_index"u8, 0);
        writer.WriteString(e.field, e.text);
        writer.WriteEndObject();
    });

    private static void WriteListed(Utf8JsonWriter writer, ListedTool tool)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, tool.Name);
        WriteText(writer, "description"u8, tool.Description);
        writer.WritePropertyName("input_schema"u8);
        (tool.InputSchema.IsEmpty ? AnyArguments : tool.InputSchema).WriteTo(writer);
        writer.WritePropertyName("annotations"u8);
        tool.Annotations.WriteTo(writer);
        writer.WriteEndObject();
    }

    private static void WriteFault(Utf8JsonWriter writer, ServedFault fault)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, fault.Type);
        if (fault.Code is { } code)
        {
            writer.WriteNumber("code"u8, code);
            writer.WriteString("message"u8, fault.Message);
        }
        else
        {
            writer.WriteStartArray("content"u8);
            WriteTextPart(writer, fault.Message);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    private static void WriteSources(Utf8JsonWriter writer, IReadOnlyList<string> sources)
    {
        writer.WriteStartArray("sources"u8);
        foreach (var source in sources)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "url"u8);
            writer.WriteString("url"u8, source);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void WriteFound(Utf8JsonWriter writer, string text)
    {
        writer.WriteStartArray("results"u8);
        WriteTextPart(writer, text);
        writer.WriteEndArray();
    }

    private static void WriteTextPart(Utf8JsonWriter writer, string text)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "text"u8);
        writer.WriteString("text"u8, text);
        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? text)
    {
        if (text is null) writer.WriteNull(name);
        else writer.WriteString(name, text);
    }

    private static RawJson Write<T>(T value, Action<Utf8JsonWriter, T> write) => new(JsonBuffer.Bytes(value, write));
}

/// <summary>One call of a tool that runs here.</summary>
/// <param name="Id">The item's.</param>
/// <param name="ApprovedBy">The request that the user approved; null where none was needed.</param>
internal sealed record ServedItem(string Id, ServedTool Tool, string Arguments, string? ApprovedBy = null);

/// <summary>Why a call has no output.</summary>
/// <param name="Type">As the API names it.</param>
/// <param name="Code">Null where the tool itself says that it failed.</param>
internal sealed record ServedFault(string Type, int? Code, string Message)
{
    public static ServedFault OfTool(string message) => new("mcp_tool_execution_error", null, message);
}

/// <summary>What became of a call.</summary>
internal sealed record ServedOutcome(string? Output, ServedFault? Fault);
