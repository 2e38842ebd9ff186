using Samovar.Protocol.Json;
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
    /// <summary>The request's own variables of the template, a JSON object; empty for none.</summary>
    public RawJson Variables { get; init; }

    /// <summary>Notes which way the template goes; null where nobody asks.</summary>
    public RenderTrace? Trace { get; init; }

    public static RenderFrame Of(TemplateValue tools, PromptSettings settings, bool generate) =>
        new(tools, settings.ThinkingOff, settings.Effort, generate) { Variables = settings.Variables };
}

/// <summary>Messages, already fitted to the template, to text: the one place that runs the template.</summary>
/// <remarks>
/// Of variables with one name the request's counts, then the operator's, then the one that keeps thoughts, then what the reasoning effort
/// sets.
/// </remarks>
internal sealed class ChatRenderer(
    ChatTemplate template, TemplateFacts facts, ControlText control, TimeProvider time, ThinkingSwitches? switches = null,
    RawJson defaults = default)
{
    private readonly string _begin = control.Tokenizer.BeginOfText is { } begin ? control.SpellingOf(begin) : "";
    private readonly string _end = control.Tokenizer.EndOfSequence is { } end ? control.SpellingOf(end) : "";
    private readonly ThinkingSwitches _switches = switches ?? ThinkingSwitches.Unknown;
    private readonly SchemaFilling _schemas = new(facts.SchemaFields);
    private long _messages;

    /// <summary>Messages rendered since start: the proof that a turn costs what is new.</summary>
    public long MessagesRendered => Interlocked.Read(ref _messages);

    public string Render(IReadOnlyList<PromptMessage> messages, RenderFrame frame, CancellationToken cancelled)
    {
        Interlocked.Add(ref _messages, messages.Count);
        var values = new MessageValues(facts, control);
        var variables = new Dictionary<string, TemplateValue>(StringComparer.Ordinal);
        foreach (var (name, value) in _switches.For(frame.Effort)) variables[name] = value;
        if (facts.ThoughtsKeptBy is { } kept) variables[kept.Name] = kept.Value;
        foreach (var own in (RawJson[])[defaults, frame.Variables])
            if (!own.IsEmpty && MarkedValues.Read(own, control) is TemplateValue.Map map)
                foreach (var (name, value) in map.Entries) variables[((TemplateValue.Text)name).Value] = value;
        variables.Remove("tools"); // the conversation's alone
        if (facts.Tools && frame.Tools is TemplateValue.List { Items.Count: > 0 }) variables["tools"] = _schemas.Fill(frame.Tools);
        else if (facts.ToolsAsNone) variables["tools"] = TemplateValue.None.Value;
        if (facts.ToolsAsNone) variables.TryAdd("documents", TemplateValue.None.Value);
        variables["messages"] = values.Of(messages);
        variables["add_generation_prompt"] = frame.Generate;
        variables["bos_token"] = _begin;
        variables["eos_token"] = _end;
        var rendered = template.Render(variables, TemplateLimits.Default, time, cancelled, frame.Trace);
        return facts.Preamble is { } preamble ? preamble.Restored(rendered) : rendered;
    }
}
