using System.Globalization;
using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>The messages of one render as a template's <c>messages</c>, each text with its marks.</summary>
internal sealed class MessageValues(TemplateFacts facts, ControlText control)
{
    private const string UnknownTool = "unknown";

    private readonly Dictionary<string, string> _ids = new(StringComparer.Ordinal);
    private int _calls;

    public TemplateValue Of(IReadOnlyList<PromptMessage> messages) => new TemplateValue.List([.. messages.Select(Value)], IsFrozen: true);

    private TemplateValue Value(PromptMessage message)
    {
        var entries = new OrderedDictionary<string, TemplateValue>(StringComparer.Ordinal)
        {
            ["role"] = message.Role switch
            {
                PromptRole.System => "system",
                PromptRole.Assistant => "assistant",
                PromptRole.Tool => "tool",
                _ => "user",
            },
            ["content"] = Content(message),
        };
        if (Thought(message) is { } thought && facts.ReasoningField is { } field) entries[field] = thought;
        if (message.Calls.Count > 0) entries["tool_calls"] = new TemplateValue.List([.. message.Calls.Select(Value)], IsFrozen: true);
        if (message.CallName is { } name) entries["name"] = control.Mark(name);
        else if (message.Role == PromptRole.Tool && facts.OutputsNeedName) entries["name"] = UnknownTool;
        if (message.CallId is { } id) entries["tool_call_id"] = control.Mark(CallId(id, message.CallName));
        return new TemplateValue.Map(entries, IsFrozen: true);
    }

    private TemplateValue Content(PromptMessage message)
    {
        TemplateValue text = message.IsMarked ? message.Text : control.Mark(message.Text);
        if (facts.ThoughtPart is not { } part || Thought(message) is not { } thought)
            return message is { Text.Length: 0, Calls.Count: > 0 } && !facts.EmptyContent ? TemplateValue.None.Value
                : facts.TextParts ? new TemplateValue.List([TextPart(text)], IsFrozen: true) : text;
        var parts = new List<TemplateValue> { TemplateValue.Map.Of(("type", part.Type), (part.Field, thought)) };
        if (message.Text.Length > 0) parts.Add(TextPart(text));
        return new TemplateValue.List(parts, IsFrozen: true);
    }

    private static TemplateValue.Map TextPart(TemplateValue text) => TemplateValue.Map.Of(("type", "text"), ("text", text));

    /// <summary>Where a template takes no call without a thought and the model had none, what it does stands for one.</summary>
    private string? Thought(PromptMessage message) =>
        message.IsReasoningMarked ? message.Reasoning
        : message.Reasoning.Length > 0 ? control.Mark(message.Reasoning)
        : !facts.CallsNeedThought || message.Calls.Count == 0 ? null
        : control.Mark(message.Text.Length > 0 && !message.IsMarked ? message.Text : $"I call {message.Calls[0].Name}.");

    private TemplateValue Value(PromptCall call)
    {
        var id = CallId(call.Id, call.Name);
        _calls++;
        return TemplateValue.Map.Of(
            ("id", control.Mark(id)),
            ("type", "function"),
            ("function", TemplateValue.Map.Of(
                ("name", control.Mark(call.Name)),
                ("arguments", facts.ArgumentsAsText ? control.Mark(call.Arguments) : MarkedValues.Arguments(call.Arguments, control)))));
    }

    /// <summary>An id in the form that the template takes; one that has the form, as the model's own have, stays as it is.</summary>
    private string CallId(string id, string? name)
    {
        if (facts.ShortCallIds) return ToolNames.ShortCallId(id);
        if (!facts.NamedCallIds || name is null || ToolNames.IsNamedCallId(id, name)) return id;
        if (!_ids.TryGetValue(id, out var named))
            _ids[id] = named = string.Create(CultureInfo.InvariantCulture, $"{ToolNames.NamedIdStart}{name}:{_calls}");
        return named;
    }
}
