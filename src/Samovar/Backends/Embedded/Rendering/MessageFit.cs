namespace Samovar.Backends.Embedded.Rendering;

/// <summary>
/// Bends messages to what a template can do. What it makes of new messages does not depend on those before, as long as an assistant
/// message is there.
/// </summary>
/// <param name="control">Marks what is from outside where words of our own, which may be structure, stand beside it.</param>
internal sealed class MessageFit(TemplateFacts facts, ControlText control)
{
    /// <summary>The start of a conversation and its messages as one list.</summary>
    public List<PromptMessage> Whole(string lead, IReadOnlyList<OfferedTool> tools, IReadOnlyList<PromptMessage> messages)
    {
        var first = new PromptMessage(PromptRole.System, lead);
        if (!facts.Tools && tools.Count > 0)
        {
            var announced = ToolText.Announcement(tools, control, facts.CallExample);
            first = Joined(first, new PromptMessage(PromptRole.System, announced) { IsMarked = true });
        }
        var fitted = Later(messages);
        if (!facts.AssistantFirst && fitted.FirstOrDefault() is { Role: PromptRole.Assistant, Calls.Count: 0 }
            && (facts.SystemRole || first.Text.Length == 0)) fitted.Insert(0, new PromptMessage(PromptRole.User, ""));
        if (first.Text.Length == 0) return fitted;
        if (facts.SystemRole) fitted.Insert(0, first);
        else if (fitted.Count > 0 && fitted[0].Role == PromptRole.User) fitted[0] = Joined(first, fitted[0]);
        else fitted.Insert(0, first with { Role = PromptRole.User });
        return fitted;
    }

    /// <summary>The second message with the first one's text before its own.</summary>
    private PromptMessage Joined(PromptMessage first, PromptMessage second)
    {
        if (first.Text.Length == 0) return second;
        var isMarked = first.IsMarked || second.IsMarked;
        var (before, behind) = isMarked ? (Marked(first), Marked(second)) : (first.Text, second.Text);
        return second with { Text = before + "\n\n" + behind, IsMarked = isMarked };
    }

    private string Marked(PromptMessage message) => message.IsMarked ? message.Text : control.Mark(message.Text);

    /// <summary>Messages that stand behind others.</summary>
    public List<PromptMessage> Later(IReadOnlyList<PromptMessage> messages)
    {
        var fitted = new FittedMessages(facts, Joined);
        for (var at = 0; at < messages.Count; at++)
        {
            var message = messages[at];
            if (message.Role == PromptRole.System && !facts.SystemLater) fitted.Add(message with { Role = PromptRole.User });
            else if (message.Calls.Count > 0 && !facts.Calls) fitted.Add(Written(message));
            else if (message.Role == PromptRole.Tool && !facts.ToolRole) fitted.Add(Written(message));
            else if (message.Calls.Count > 0) at += AddCalls(fitted, WithPreamble(fitted.All, message), messages, at);
            else fitted.Add(message);
        }
        return fitted.All;
    }

    /// <summary>A message of calls with what was said before it as the model wrote it, which may be messages before it.</summary>
    private PromptMessage WithPreamble(List<PromptMessage> fitted, PromptMessage calling)
    {
        if (facts is not { Preamble: { } preamble, ReasoningField: not null }) return calling;
        var from = fitted.Count;
        while (from > 0 && fitted[from - 1] is { Role: PromptRole.Assistant, Calls.Count: 0 }) from--;
        var joined = preamble.Joined(fitted[from..], calling, control);
        fitted.RemoveRange(from, fitted.Count - from);
        return joined;
    }

    /// <summary>Adds a message of calls; returns how many tool messages behind it were taken with it.</summary>
    private int AddCalls(FittedMessages fitted, PromptMessage message, IReadOnlyList<PromptMessage> messages, int at)
    {
        if (!facts.TextWithCalls && message.Text.Length > 0)
        {
            fitted.Add(message with { Calls = [], Reasoning = "" });
            message = message with { Text = "" };
        }
        if (!facts.ThoughtBesideTextAndCalls && message is { Text.Length: > 0, Reasoning.Length: > 0, IsMarked: false })
            message = message with { Text = "", Reasoning = message.Reasoning + "\n\n" + message.Text };
        if (facts.ParallelCalls || message.Calls.Count == 1)
        {
            fitted.Add(message);
            return 0;
        }
        var outputs = messages.Skip(at + 1).TakeWhile(next => next.Role == PromptRole.Tool).ToList();
        var taken = outputs.Count;
        foreach (var call in message.Calls)
        {
            fitted.Add(message with { Calls = [call] });
            message = message with { Text = "", Reasoning = "" };
            var output = outputs.FindIndex(one => string.Equals(one.CallId, call.Id, StringComparison.Ordinal));
            if (output < 0) continue;
            fitted.Add(outputs[output]);
            outputs.RemoveAt(output);
        }
        outputs.ForEach(fitted.Add);
        return taken;
    }

    private PromptMessage Written(PromptMessage message)
    {
        if (message.Role == PromptRole.Tool)
            return new PromptMessage(PromptRole.User, $"<tool_response>\n{Marked(message)}\n</tool_response>") { IsMarked = true };
        var calls = facts.CallWriter?.Write(message.Calls, control) ?? Tagged(message.Calls);
        var text = message.Text.Length == 0 ? calls : Marked(message) + '\n' + calls;
        return message with { Text = text, Calls = [], IsMarked = true };
    }

    private string Tagged(IReadOnlyList<PromptCall> calls) => string.Join('\n', calls.Select(call =>
        $"<tool_call>\n{{\"name\": \"{control.Mark(call.Name)}\", \"arguments\": {control.Mark(call.Arguments)}}}\n</tool_call>"));
}
