using System.Text.Json;
using System.Text.RegularExpressions;

namespace Samovar.Testing.Upstreams;

/// <summary>What the documents of OpenAI and Anthropic ask of calls and results in a history; null where it is kept.</summary>
internal static partial class HistoryRules
{
    public static string? OfChat(JsonElement messages)
    {
        var waiting = new HashSet<string>(StringComparer.Ordinal);
        foreach (var message in messages.EnumerateArray())
        {
            var role = message.GetProperty("role").GetString();
            if (role == "tool")
            {
                if (!waiting.Remove(message.GetProperty("tool_call_id").GetString()!))
                    return "messages with role 'tool' must be a response to a preceding message with 'tool_calls'.";
                continue;
            }
            if (waiting.Count > 0) break;
            if (role != "assistant" || !message.TryGetProperty("tool_calls", out var calls)) continue;
            foreach (var call in calls.EnumerateArray())
            {
                if (!waiting.Add(call.GetProperty("id").GetString()!)) return "Duplicate id in 'tool_calls'.";
                var function = call.GetProperty("function");
                if (!Name().IsMatch(function.GetProperty("name").GetString()!)) return "A function's name does not fit.";
                if (Parsed(function.GetProperty("arguments").GetString()!) != JsonValueKind.Object) return "Arguments are no object.";
            }
        }
        return waiting.Count == 0 ? null : "An assistant message with 'tool_calls' must be followed by tool messages responding to each" +
            $" 'tool_call_id'. The following tool_call_ids did not have response messages: {string.Join(", ", waiting)}";
    }

    public static string? OfMessages(JsonElement messages)
    {
        var (used, waiting) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        var roleBefore = "";
        var mayHaveResults = false;
        foreach (var message in messages.EnumerateArray())
        {
            var role = message.GetProperty("role").GetString()!;
            if (role != roleBefore) // messages of one role in a row are one
            {
                if (role == "assistant" && waiting.Count > 0) return Unanswered(waiting);
                mayHaveResults = role == "user";
            }
            roleBefore = role;
            if (message.GetProperty("content").GetArrayLength() == 0) return "messages: content must not be empty";
            foreach (var block in message.GetProperty("content").EnumerateArray())
            {
                var type = block.GetProperty("type").GetString();
                if (type == "text" && string.IsNullOrWhiteSpace(block.GetProperty("text").GetString()))
                    return "messages: text content blocks must contain non-whitespace text";
                if (type == "tool_use")
                {
                    var id = block.GetProperty("id").GetString()!;
                    if (!used.Add(id) || !waiting.Add(id)) return "messages: `tool_use` ids must be unique";
                    if (!Id().IsMatch(id)) return "messages: tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'";
                }
                if (type != "tool_result")
                {
                    if (role == "user" && waiting.Count > 0) return Unanswered(waiting);
                    mayHaveResults = false;
                    continue;
                }
                if (!mayHaveResults || !waiting.Remove(block.GetProperty("tool_use_id").GetString()!))
                    return "messages: unexpected `tool_use_id` found in `tool_result` blocks. Each `tool_result` block must have a" +
                        " corresponding `tool_use` block in the previous message.";
            }
        }
        return waiting.Count > 0 ? Unanswered(waiting) : null;
    }

    public static string? OfResponses(IEnumerable<string> items)
    {
        var (called, answered) = (new List<string>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var item in items.Select(item => JsonDocument.Parse(item).RootElement))
        {
            var type = item.TryGetProperty("type", out var named) ? named.GetString() : "message";
            var isAsync = item.TryGetProperty("async", out var flag) && flag.ValueKind == JsonValueKind.True;
            if (type is "function_call" or "custom_tool_call") called.Add(item.GetProperty("call_id").GetString()!);
            if (isAsync) answered.Add(called[^1]); // its output may come at any later time
            if (type is not ("function_call_output" or "custom_tool_call_output")) continue;
            var id = item.GetProperty("call_id").GetString()!;
            if (!called.Contains(id)) return $"No tool call found for function call output with call_id {id}.";
            answered.Add(id);
        }
        return called.Find(id => !answered.Contains(id)) is { } open ? $"No tool output found for function call {open}." : null;
    }

    private static string Unanswered(IEnumerable<string> ids) => "messages: `tool_use` ids were found without `tool_result` blocks" +
        $" immediately after: {string.Join(", ", ids)}.";

    private static JsonValueKind Parsed(string text)
    {
        try { return JsonDocument.Parse(text).RootElement.ValueKind; }
        catch (JsonException) { return JsonValueKind.Undefined; }
    }

    [GeneratedRegex("^[a-zA-Z0-9_-]{1,64}$")]
    private static partial Regex Name();

    [GeneratedRegex("^[a-zA-Z0-9_-]+$")]
    private static partial Regex Id();
}
