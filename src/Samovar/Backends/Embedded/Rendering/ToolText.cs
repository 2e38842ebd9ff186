using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Samovar.Protocol.Json;
using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Tools as a template's <c>tools</c>, and as text for where a template has no place for them.</summary>
internal static class ToolText
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const string OwnWords =
        """
        To call one, write a JSON object with its name and arguments within <tool_call></tool_call>:
        <tool_call>
        {"name": <function-name>, "arguments": <arguments-object>}
        </tool_call>
        """;

    /// <summary>The list for a template; none at all is <c>none</c>, as templates ask for it.</summary>
    public static TemplateValue Values(IReadOnlyList<OfferedTool> tools, ControlText control)
    {
        if (tools.Count == 0) return TemplateValue.None.Value;
        var values = new List<TemplateValue>(tools.Count);
        foreach (var tool in tools) values.Add(MarkedValues.Read(new RawJson(Json(tool)), control));
        return new TemplateValue.List(values, IsFrozen: true);
    }

    /// <summary>For a template without tools: what is in the system text instead, the tools' own texts marked.</summary>
    /// <param name="example">A call as the template writes it; null for one in our words.</param>
    public static string Announcement(IReadOnlyList<OfferedTool> tools, ControlText control, string? example = null) =>
        $$"""
        # Tools

        These functions may be called:
        {{control.Mark(Listing(tools))}}

        {{(example is null ? OwnWords : "To call one, write:\n" + example)}}
        """;

    /// <summary>For tools that come later in a conversation.</summary>
    public static string Addition(IReadOnlyList<OfferedTool> tools) => $"From now on these functions may be called, too:\n{Listing(tools)}";

    private static string Listing(IReadOnlyList<OfferedTool> tools)
    {
        var text = new StringBuilder("<tools>");
        foreach (var tool in tools) text.Append('\n').Append(Encoding.UTF8.GetString(Json(tool).Span));
        return text.Append("\n</tools>").ToString();
    }

    private static ReadOnlyMemory<byte> Json(OfferedTool tool)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "function"u8);
            json.WriteStartObject("function"u8);
            json.WriteString("name"u8, tool.FlatName);
            json.WriteString("description"u8, tool.Description ?? "");
            json.WritePropertyName("parameters"u8);
            tool.Parameters.WriteTo(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }
}
