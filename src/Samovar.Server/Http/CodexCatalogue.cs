using System.Text.Json;
using Samovar.Backends;

namespace Samovar.Server.Http;

/// <summary>
/// The catalogue that Codex asks a provider for (<c>GET /v1/models?client_version=…</c>): without an entry it guesses the length of
/// conversations, and its model gets no <c>apply_patch</c>.
/// </summary>
/// <remarks>
/// Of Codex 0.171. It refuses the whole catalogue where an entry has no <c>slug</c>, <c>display_name</c>,
/// <c>supported_reasoning_levels</c>,
/// <c>shell_type</c>, <c>visibility</c>, <c>supported_in_api</c>, <c>priority</c>, <c>support_verbosity</c>, <c>truncation_policy</c>,
/// <c>experimental_supported_tools</c> or <c>base_instructions</c>, or a word in them that it does not know.
/// </remarks>
internal static class CodexCatalogue
{
    /// <summary>The query that only Codex sends.</summary>
    public const string Query = "client_version";

    private const int ToolTokensMax = 10_000, ToolShare = 4; // of a context: what one tool's output may take

    private static readonly (string Effort, string Description)[] Efforts =
    [
        ("low", "Little thought, soon an answer"), ("medium", "Some thought"), ("high", "Much thought for hard problems"),
    ];

    /// <summary>Writes <c>models</c>.</summary>
    public static void Write(Utf8JsonWriter json, IEnumerable<BackendModel> models)
    {
        json.WriteStartArray("models"u8);
        var priority = 1;
        foreach (var model in models.DistinctBy(static model => model.Name, StringComparer.Ordinal)) Write(json, model, priority++);
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, BackendModel model, int priority)
    {
        json.WriteStartObject();
        json.WriteString("slug"u8, model.Name);
        json.WriteString("display_name"u8, model.Name);
        json.WriteString("description"u8, "Served by Samovar.");
        WriteReasoning(json, model);
        json.WriteString("shell_type"u8, "unified_exec"u8);
        json.WriteString("visibility"u8, "list"u8);
        json.WriteBoolean("supported_in_api"u8, true);
        json.WriteNumber("priority"u8, priority);
        json.WriteNull("upgrade"u8);
        json.WriteString("base_instructions"u8, CodexInstructions.Text);
        json.WriteBoolean("supports_reasoning_summaries"u8, true);
        json.WriteBoolean("support_verbosity"u8, false);
        json.WriteString("apply_patch_tool_type"u8, "freeform"u8);
        json.WriteStartObject("truncation_policy"u8);
        json.WriteString("mode"u8, "tokens"u8);
        json.WriteNumber("limit"u8, Math.Min(ToolTokensMax, (model.ContextTokens ?? int.MaxValue) / ToolShare));
        json.WriteEndObject();
        json.WriteBoolean("supports_parallel_tool_calls"u8, true);
        if (model.ContextTokens is { } tokens)
        {
            json.WriteNumber("context_window"u8, tokens);
            json.WriteNumber("max_context_window"u8, tokens);
        }
        json.WriteNumber("effective_context_window_percent"u8, 95);
        json.WriteStartArray("experimental_supported_tools"u8);
        json.WriteEndArray();
        json.WriteStartArray("input_modalities"u8);
        json.WriteStringValue("text"u8);
        if (model.IsElsewhere) json.WriteStringValue("image"u8);
        json.WriteEndArray();
        json.WriteBoolean("supports_search_tool"u8, false);
        json.WriteEndObject();
    }

    private static void WriteReasoning(Utf8JsonWriter json, BackendModel model)
    {
        json.WriteStartArray("supported_reasoning_levels"u8);
        foreach (var (effort, description) in model.IsElsewhere ? Efforts : []) // ours think or do not, at no level
        {
            json.WriteStartObject();
            json.WriteString("effort"u8, effort);
            json.WriteString("description"u8, description);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
