using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>
/// What stands around words that a model says between its thoughts and a call, where these are messages of their own that its template
/// cannot write: they are given to the template as a part of the thought, as the model wrote them.
/// </summary>
/// <param name="ThoughtOpen">Begins a thought.</param>
/// <param name="SaidOpen">Begins words.</param>
/// <param name="Close">Ends either.</param>
/// <param name="Next">Begins the next message.</param>
internal sealed record PreambleMarks(string ThoughtOpen, string SaidOpen, string Close, string Next)
{
    private static readonly string Nothing = new(HostMarks.Cut, 2); // no text from outside begins so

    /// <summary>A message of calls with all that was thought and said before it as its thought.</summary>
    public PromptMessage Joined(IEnumerable<PromptMessage> before, PromptMessage calling, ControlText control)
    {
        var parts = before.Append(calling).SelectMany(message => Parts(message, control)).ToList();
        if (calling.Text.Length == 0 && parts.Count < 2) return calling;
        var isThought = parts[0].IsThought;
        parts[0] = isThought ? parts[0] : (Nothing + Close + Next + SaidOpen + parts[0].Text, true);
        var written = parts.Select((part, at) => at == 0 ? part.Text : (part.IsThought ? Within(ThoughtOpen) : SaidOpen) + part.Text);
        return calling with { Text = "", Reasoning = string.Join(Close + Next, written), IsReasoningMarked = true };
    }

    /// <summary>A rendered text without the thoughts that were none.</summary>
    public string Restored(string rendered) =>
        rendered.Replace(ThoughtOpen + Nothing + Close + Next, "", StringComparison.Ordinal);

    private static IEnumerable<(string Text, bool IsThought)> Parts(PromptMessage message, ControlText control)
    {
        if (message.Reasoning.Length > 0) yield return (control.Mark(message.Reasoning), true);
        if (message.Text.Length > 0) yield return (message.IsMarked ? message.Text : control.Mark(message.Text), false);
    }

    /// <summary>As it stands within a thought: templates refuse thoughts that have such openings to the letter.</summary>
    private static string Within(string open)
    {
        var last = open.LastIndexOf('<');
        return last <= 0 ? open : open.Insert(last, HostMarks.Cut.ToString());
    }
}
