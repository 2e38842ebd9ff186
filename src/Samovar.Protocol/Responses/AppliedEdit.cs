using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;

namespace Samovar.Protocol.Responses;

/// <summary>What one edit of a context came to.</summary>
/// <param name="Edit">The edit.</param>
/// <param name="Cleared">Calls whose results are not shown, or turns whose thoughts are not.</param>
/// <param name="Tokens">Tokens by which the prompt is shorter.</param>
public sealed record AppliedEdit(ContextEdit Edit, int Cleared, int Tokens)
{
    /// <summary>The same as the Messages API's <c>applied_edits</c>.</summary>
    public static RawJson Json(IReadOnlyList<AppliedEdit> edits) => new(JsonBuffer.Bytes(edits, static (writer, edits) =>
    {
        writer.WriteStartArray();
        foreach (var (edit, cleared, tokens) in edits)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, edit.Kind);
            writer.WriteNumber(edit is ContextEdit.ClearThinking ? "cleared_thinking_turns"u8 : "cleared_tool_uses"u8, cleared);
            writer.WriteNumber("cleared_input_tokens"u8, tokens);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }));
}
