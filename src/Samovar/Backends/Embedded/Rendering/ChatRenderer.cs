using Samovar.Templates;
using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>What one render is given besides the messages.</summary>
/// <param name="Tools">The template's <c>tools</c>.</param>
/// <param name="ThinkingOff">Asks a thinking model not to.</param>
/// <param name="Effort">The reasoning effort, for templates that read it.</param>
/// <param name="Generate">Whether the assistant's turn is opened at the end.</param>
internal sealed record RenderFrame(TemplateValue Tools, bool ThinkingOff, string? Effort, bool Generate)
{
    /// <summary>Notes which way the template goes; null where nobody asks.</summary>
    public RenderTrace? Trace { get; init; }
}

/// <summary>Messages, already fitted to the template, to text: the one place that runs the template.</summary>
internal sealed class ChatRenderer(ChatTemplate template, TemplateFacts facts, ControlText control, TimeProvider time)
{
    private readonly string _begin = control.Tokenizer.BeginOfText is { } begin ? control.SpellingOf(begin) : "";
    private readonly string _end = control.Tokenizer.EndOfTurn is { } end ? control.SpellingOf(end) : "";
    private long _messages;

    /// <summary>Messages rendered since start: the proof that a turn costs what is new.</summary>
    public long MessagesRendered => Interlocked.Read(ref _messages);

    public string Render(IReadOnlyList<PromptMessage> messages, RenderFrame frame, CancellationToken cancelled)
    {
        Interlocked.Add(ref _messages, messages.Count);
        var variables = new Dictionary<string, TemplateValue>(StringComparer.Ordinal)
        {
            ["messages"] = new TemplateValue.List([.. messages.Select(Value)], IsFrozen: true),
            ["tools"] = facts.Tools ? frame.Tools : TemplateValue.None.Value,
            ["documents"] = TemplateValue.None.Value,
            ["add_generation_prompt"] = frame.Generate,
            ["bos_token"] = _begin,
            ["eos_token"] = _end,
        };
        if (facts.ThoughtsKeptBy is { } kept) variables[kept.Name] = kept.Value;
        if (frame.ThinkingOff) variables["enable_thinking"] = false;
        if (frame.Effort is "low" or "medium" or "high") variables["reasoning_effort"] = frame.Effort;
        return template.Render(variables, TemplateLimits.Default, time, cancelled, frame.Trace);
    }

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
            ["content"] = message is { Text.Length: 0, Calls.Count: > 0 } && !facts.EmptyContent
                ? TemplateValue.None.Value : control.Mark(message.Text),
        };
        if (message.Reasoning.Length > 0 && facts.ReasoningField is { } field) entries[field] = control.Mark(message.Reasoning);
        if (message.Calls.Count > 0) entries["tool_calls"] = new TemplateValue.List([.. message.Calls.Select(Value)], IsFrozen: true);
        if (message.CallName is { } name) entries["name"] = control.Mark(name);
        if (message.CallId is { } id) entries["tool_call_id"] = CallId(id);
        return new TemplateValue.Map(entries, IsFrozen: true);
    }

    private TemplateValue Value(PromptCall call) => TemplateValue.Map.Of(
        ("id", CallId(call.Id)),
        ("type", "function"),
        ("function", TemplateValue.Map.Of(
            ("name", control.Mark(call.Name)),
            ("arguments", facts.ArgumentsAsText ? control.Mark(call.Arguments) : MarkedValues.Arguments(call.Arguments, control)))));

    private string CallId(string id) => facts.ShortCallIds ? ToolNames.ShortCallId(id) : control.Mark(id);
}
