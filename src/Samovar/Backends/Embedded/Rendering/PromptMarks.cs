using System.Collections.Concurrent;
using Samovar.Engine;
using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Finds the places of a prompt that others, or the same conversation, may come back to.</summary>
/// <remarks>
/// 1 the end of what all conversations with this head begin with: what two first questions have in common, looked up once for each head; 2
/// where the newest question begins; 3 where it, or what a tool put out, ends: in front of what the template opens an answer with. A place
/// that is a little off costs as many tokens when somebody comes back, and nothing else, so 2 is counted back from the end, to the nearest
/// token of the structure.
/// </remarks>
internal sealed class PromptMarks(ControlText control)
{
    private const int HeadsMax = 256, OpeningsMax = 64;
    private const int SnapTokens = 16;
    private readonly ConcurrentDictionary<string, int> _heads = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _openings = new(StringComparer.Ordinal);

    /// <summary>Tokens of the stable start. :: 1</summary>
    /// <param name="name">Names the head.</param>
    /// <param name="start">Its tokens; asked for only once.</param>
    public int StableStart(string name, Func<int[]> start) => Recall(_heads, HeadsMax, name, () => start().Length);

    /// <summary>Tokens that open an answer under these settings.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="render">The tokens of a short conversation, with its opening or without.</param>
    public int Opening(PromptSettings settings, Func<bool, int[]> render) => Recall(_openings, OpeningsMax,
        $"{settings.Effort}\0{settings.Variables}", () =>
        {
            var opened = render(true);
            return opened.Length - opened.AsSpan().CommonPrefixLength(render(false));
        });

    /// <summary>The places of a prompt that asks for an answer. :: 2-3</summary>
    /// <param name="length">Its tokens.</param>
    /// <param name="tail">The last of them, at least those that are new.</param>
    /// <param name="messages">Its messages, or the new ones.</param>
    /// <param name="stableStart">Where its stable start ends; 0 where that is not new.</param>
    /// <param name="opening">Tokens that open the answer.</param>
    public IReadOnlyList<PromptMark> Of(
        int length, ReadOnlySpan<int> tail, IReadOnlyList<PromptMessage> messages, int stableStart, int opening)
    {
        var marks = new List<PromptMark>();
        if (stableStart > 0 && stableStart < length) marks.Add(new PromptMark(stableStart, MarkKind.StableStart));
        if (messages.Count == 0 || messages[^1].Role == PromptRole.Assistant) return marks;
        var (newest, end) = (messages[^1], tail.Length - opening);
        var isQuestion = newest.Role != PromptRole.Tool;
        if (isQuestion && Start(tail, end - control.Tokenize(control.Mark(newest.Text)).Length) is var start and >= 0)
            marks.Add(new PromptMark(length - tail.Length + start, MarkKind.QuestionStart));
        if (end > 0) marks.Add(new PromptMark(length - opening, isQuestion ? MarkKind.QuestionEnd : MarkKind.OutputEnd));
        marks.Sort(static (one, other) => one.Position.CompareTo(other.Position));
        return marks;
    }

    /// <summary>The token of the structure that a message begins with, from about where its text does.</summary>
    private int Start(ReadOnlySpan<int> tail, int about)
    {
        for (var at = Math.Min(about, tail.Length - 1); at >= 0 && at > about - SnapTokens; at--)
            if (control.Tokenizer.IsControl(tail[at]) && !control.Tokenizer.IsEndOfGeneration(tail[at])) return at;
        return Math.Max(0, about - 1);
    }

    private static int Recall(ConcurrentDictionary<string, int> known, int most, string key, Func<int> find)
    {
        if (known.TryGetValue(key, out var found)) return found;
        if (known.Count >= most) known.Clear(); // found again when they are needed
        try { found = find(); }
        catch (TemplateException) { found = 0; } // of a conversation that this one is not
        return known[key] = found;
    }
}
