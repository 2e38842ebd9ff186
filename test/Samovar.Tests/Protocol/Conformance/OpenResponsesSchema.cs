using System.Text.Json;

namespace Samovar.Tests.Protocol.Conformance;

/// <summary>The rules of Open Responses 2026-04-24 for what a server sends, as its validators hold them. Gives what is wrong, one line
/// each.</summary>
internal sealed class OpenResponsesSchema
{
    private readonly List<string> _problems = [];

    public static List<string> Response(JsonElement response)
    {
        var schema = new OpenResponsesSchema();
        schema.CheckResponse(response);
        return schema._problems;
    }

    public static List<string> Item(JsonElement item)
    {
        var schema = new OpenResponsesSchema();
        schema.CheckItem(item);
        return schema._problems;
    }

    public static List<string> Event(JsonElement e)
    {
        var schema = new OpenResponsesSchema();
        schema.CheckEvent(e);
        return schema._problems;
    }

    public static List<string> Envelope(JsonElement error)
    {
        var schema = new OpenResponsesSchema();
        schema.Word(error, "type", "error");
        schema.Integer(error, "status");
        if (schema.Object(error, "error") is { } inner)
        {
            schema.String(inner, "code");
            schema.String(inner, "message");
        }
        return schema._problems;
    }

    private void CheckResponse(JsonElement r)
    {
        String(r, "id");
        Word(r, "object", "response");
        Integer(r, "created_at");
        OrNull(r, "completed_at", Integer);
        Word(r, "status", "completed", "failed", "in_progress", "cancelled", "queued", "incomplete");
        String(r, "model");
        foreach (var item in Array(r, "output")) CheckItem(item);
        foreach (var tool in Array(r, "tools")) CheckTool(tool);
        OrNull(r, "instructions", String);
        OrNull(r, "previous_response_id", String);
        OrNull(r, "safety_identifier", String);
        OrNull(r, "prompt_cache_key", String);
        OrNull(r, "max_output_tokens", Integer);
        OrNull(r, "max_tool_calls", Integer);
        foreach (var name in new[] { "temperature", "top_p", "presence_penalty", "frequency_penalty" }) Number(r, name);
        Integer(r, "top_logprobs");
        foreach (var name in new[] { "parallel_tool_calls", "store", "background" }) Bool(r, name);
        Word(r, "truncation", "auto", "disabled");
        String(r, "service_tier");
        Has(r, "metadata");
        CheckToolChoice(r);
        CheckText(r);
        OrNull(r, "error", (e, name) => Strings(e.GetProperty(name), "code", "message"));
        OrNull(r, "incomplete_details", (e, name) => Strings(e.GetProperty(name), "reason"));
        OrNull(r, "reasoning", CheckReasoning);
        OrNull(r, "usage", CheckUsage);
    }

    private void CheckReasoning(JsonElement parent, string name)
    {
        var reasoning = parent.GetProperty(name);
        OrNull(reasoning, "effort", (e, field) => Word(e, field, "none", "low", "medium", "high", "xhigh"));
        OrNull(reasoning, "summary", (e, field) => Word(e, field, "auto", "concise", "detailed"));
    }

    private void CheckUsage(JsonElement parent, string name)
    {
        var usage = parent.GetProperty(name);
        foreach (var field in new[] { "input_tokens", "output_tokens", "total_tokens" }) Integer(usage, field);
        if (Object(usage, "input_tokens_details") is { } input) Integer(input, "cached_tokens");
        if (Object(usage, "output_tokens_details") is { } output) Integer(output, "reasoning_tokens");
    }

    private void CheckText(JsonElement r)
    {
        if (Object(r, "text") is not { } text) return;
        if (text.TryGetProperty("verbosity", out _)) Word(text, "verbosity", "low", "medium", "high");
        if (Object(text, "format") is not { } format) return;
        Word(format, "type", "text", "json_object", "json_schema");
        if (format.TryGetProperty("schema", out _)) String(format, "name");
    }

    private void CheckToolChoice(JsonElement r)
    {
        if (!Has(r, "tool_choice")) return;
        var choice = r.GetProperty("tool_choice");
        if (choice.ValueKind == JsonValueKind.String) Word(r, "tool_choice", "none", "auto", "required");
        else
        {
            Word(choice, "type", "function", "allowed_tools");
            if (choice.TryGetProperty("name", out _)) String(choice, "name");
        }
    }

    private void CheckTool(JsonElement tool)
    {
        Word(tool, "type", "function");
        String(tool, "name");
        OrNull(tool, "description", String);
        OrNull(tool, "parameters", (e, name) => Object(e, name));
        OrNull(tool, "strict", Bool);
    }

    private void CheckItem(JsonElement item)
    {
        var type = item.TryGetProperty("type", out var tag) ? tag.GetString() : null;
        String(item, "id");
        switch (type)
        {
            case "message":
                Status(item);
                Word(item, "role", "assistant", "user", "system", "developer");
                if (item.TryGetProperty("phase", out _)) Word(item, "phase", "commentary", "final_answer");
                foreach (var part in Array(item, "content")) CheckPart(part);
                break;
            case "function_call":
                Status(item);
                Strings(item, "call_id", "name", "arguments");
                break;
            case "reasoning":
                foreach (var part in Array(item, "summary")) CheckPart(part);
                if (item.TryGetProperty("content", out _)) foreach (var part in Array(item, "content")) CheckPart(part);
                if (item.TryGetProperty("encrypted_content", out _)) String(item, "encrypted_content");
                break;
            case "compaction":
                String(item, "encrypted_content");
                break;
            default:
                _problems.Add($"item of type {type}");
                break;
        }
    }

    private void CheckAnnotation(JsonElement annotation)
    {
        Word(annotation, "type", "url_citation", "file_citation");
        var isUrl = annotation.GetProperty("type").GetString() == "url_citation";
        foreach (var name in (string[])(isUrl ? ["url", "title"] : ["file_id", "filename"])) String(annotation, name);
        foreach (var name in (string[])(isUrl ? ["start_index", "end_index"] : ["index"])) Number(annotation, name);
    }

    private void CheckPart(JsonElement part)
    {
        Word(part, "type", "output_text", "refusal", "summary_text", "reasoning_text");
        var type = part.GetProperty("type").GetString();
        String(part, type == "refusal" ? "refusal" : "text");
        if (type != "output_text") return;
        foreach (var annotation in Array(part, "annotations")) CheckAnnotation(annotation);
        if (!part.TryGetProperty("logprobs", out _)) return;
        foreach (var entry in Array(part, "logprobs"))
        {
            String(entry, "token");
            Number(entry, "logprob");
            foreach (var _ in Array(entry, "bytes").Concat(Array(entry, "top_logprobs"))) { }
        }
    }

    private void CheckEvent(JsonElement e)
    {
        Integer(e, "sequence_number");
        var type = e.TryGetProperty("type", out var tag) ? tag.GetString() : null;
        switch (type)
        {
            case "response.created" or "response.queued" or "response.in_progress"
                or "response.completed" or "response.failed" or "response.incomplete":
                if (Object(e, "response") is { } response) CheckResponse(response);
                break;
            case "response.output_item.added" or "response.output_item.done":
                Integer(e, "output_index");
                if (Object(e, "item") is { } item) CheckItem(item);
                break;
            case "response.content_part.added" or "response.content_part.done":
                Place(e, "content_index");
                if (Object(e, "part") is { } part) CheckPart(part);
                break;
            case "response.reasoning_summary_part.added" or "response.reasoning_summary_part.done":
                Place(e, "summary_index");
                if (Object(e, "part") is { } summary) CheckPart(summary);
                break;
            case "response.output_text.delta" or "response.refusal.delta" or "response.reasoning.delta":
                Place(e, "content_index", "delta");
                break;
            case "response.output_text.done" or "response.reasoning.done":
                Place(e, "content_index", "text");
                break;
            case "response.refusal.done":
                Place(e, "content_index", "refusal");
                break;
            case "response.reasoning_summary_text.delta":
                Place(e, "summary_index", "delta");
                break;
            case "response.reasoning_summary_text.done":
                Place(e, "summary_index", "text");
                break;
            case "response.function_call_arguments.delta":
                Place(e, null, "delta");
                break;
            case "response.function_call_arguments.done":
                Place(e, null, "arguments");
                break;
            case "error":
                if (Object(e, "error") is { } error) Strings(error, "type", "message");
                break;
            default:
                _problems.Add($"event of type {type}");
                break;
        }
    }

    private void Place(JsonElement e, string? index, string? text = null)
    {
        String(e, "item_id");
        Integer(e, "output_index");
        if (index is not null) Integer(e, index);
        if (text is not null) String(e, text);
    }

    private void Status(JsonElement item) => Word(item, "status", "in_progress", "completed", "incomplete");

    private bool Has(JsonElement e, string name)
    {
        if (e.TryGetProperty(name, out _)) return true;
        _problems.Add($"{name} is missing");
        return false;
    }

    private bool Is(JsonElement e, string name, Func<JsonElement, bool> test)
    {
        if (!Has(e, name)) return false;
        if (test(e.GetProperty(name))) return true;
        _problems.Add($"{name} is {e.GetProperty(name).GetRawText()}");
        return false;
    }

    private void OrNull(JsonElement e, string name, Action<JsonElement, string> check)
    {
        if (Has(e, name) && e.GetProperty(name).ValueKind != JsonValueKind.Null) check(e, name);
    }

    private void Strings(JsonElement e, params string[] names)
    {
        foreach (var name in names) String(e, name);
    }

    private void String(JsonElement e, string name) => Is(e, name, value => value.ValueKind == JsonValueKind.String);
    private void Number(JsonElement e, string name) => Is(e, name, value => value.ValueKind == JsonValueKind.Number);
    private void Bool(JsonElement e, string name) => Is(e, name, value => value.ValueKind is JsonValueKind.True or JsonValueKind.False);
    private void Integer(JsonElement e, string name) =>
        Is(e, name, value => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _));
    private void Word(JsonElement e, string name, params string[] words) =>
        Is(e, name, value => value.ValueKind == JsonValueKind.String && words.Contains(value.GetString()));

    private JsonElement? Object(JsonElement e, string name) =>
        Is(e, name, value => value.ValueKind == JsonValueKind.Object) ? e.GetProperty(name) : null;

    private JsonElement[] Array(JsonElement e, string name) =>
        Is(e, name, value => value.ValueKind == JsonValueKind.Array) ? [.. e.GetProperty(name).EnumerateArray()] : [];
}
