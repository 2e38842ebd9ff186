namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Finds what stands around thoughts.</summary>
internal static class ThoughtLearner
{
    private static readonly (string Close, string Open)[] Counterparts =
    [
        ("</", "<"), ("[/", "["), ("close", "open"), ("END", "START"), ("END", "BEGIN"), ("end", "begin"), ("end", "start"),
        ("suffix", "prefix"),
    ];

    /// <summary>Null where the template writes no thoughts.</summary>
    public static LearnedThought? Learn(AnswerFrame frame, IEnumerable<ProbeForm> forms)
    {
        var thinking = CallProbe.Said with { Thought = CallProbe.Thought };
        var calling = CallProbe.One with { Thought = CallProbe.Thought };
        foreach (var form in forms)
        {
            var asked = frame with { Form = form };
            var (said, called) = (Shown(asked.Parts(thinking)), Shown(asked.Parts(calling)));
            if ((said ?? called) is not { } parts) continue;
            if (Of(parts, said is null ? null : Behind(said.Value.Body, CallProbe.Text),
                called is null ? null : Behind(called.Value.Body, null), asked) is { } learned) return learned;
        }
        return null;
    }

    private static (string Header, string Prompted, string Body)? Shown((string Header, string Prompted, string Body)? parts) =>
        parts?.Body.Contains(CallProbe.Thought, StringComparison.Ordinal) == true ? parts : null;

    private static string? Behind(string body, string? until)
    {
        var from = body.IndexOf(CallProbe.Thought, StringComparison.Ordinal) + CallProbe.Thought.Length;
        if (until is null) return body[from..];
        var at = body.IndexOf(until, from, StringComparison.Ordinal);
        return at < 0 ? null : body[from..at];
    }

    private static LearnedThought? Of(
        (string Header, string Prompted, string Body) parts, string? toText, string? toCall, AnswerFrame frame)
    {
        var open = parts.Body[..parts.Body.IndexOf(CallProbe.Thought, StringComparison.Ordinal)].Trim();
        var close = toText is null ? FirstTag(toCall!) : toCall is null ? toText : toText[..Atoms.ExactStart(toText, toCall)];
        if (close.Trim().Length == 0 && toText is not null) close = toText;
        close = close.Trim();
        var answerOpen = "";
        var opened = Counterpart(frame.Said().Close.Trim())
            ?.Find(one => close.EndsWith(one, StringComparison.Ordinal) && one.Length < close.Length);
        if (opened is not null) (close, answerOpen) = (close[..^opened.Length].TrimEnd(), opened);
        else if (toText is not null && toText.TrimStart().Length > close.Length) answerOpen = toText.TrimStart()[close.Length..].Trim();
        var (first, behind) = Split(close, parts.Header);
        if (first.Length == 0) return null;
        var before = parts.Header + parts.Prompted;
        if (open.Length == 0) open = Opened(parts, before.TrimEnd(), first);
        if (((string[])["{'", "{\""]).Any(brace => open.Contains(brace, StringComparison.Ordinal))) return null; // it printed the parts
        return new LearnedThought(new PartMarks(open, first) { Behind = behind }, answerOpen, frame.SaidBehind(parts.Body));
    }

    /// <summary>What a prompt opens a thought with, where the template writes no more of it.</summary>
    private static string Opened((string Header, string Prompted, string Body) parts, string before, string close)
    {
        if (Counterpart(close)?.FirstOrDefault(one => before.EndsWith(one, StringComparison.Ordinal)) is { } open) return open;
        if (parts.Prompted.Length > 0 && parts.Prompted != close) return parts.Prompted;
        var tag = parts.Header.LastIndexOf('<');
        return tag < 0 ? "" : parts.Header[tag..].Trim();
    }

    /// <summary>A closing mark and the next message's header behind it.</summary>
    private static (string Close, string Behind) Split(string close, string header)
    {
        var shared = Atoms.ExactEnd(close, header.TrimEnd());
        if (shared == 0 || !char.IsLetter(close[^1])) return (close, "");
        var first = shared < close.Length ? close[..^shared].TrimEnd() : FirstTag(close);
        return (first, close[first.Length..].Trim());
    }

    private static string FirstTag(string text)
    {
        var start = text.TrimStart();
        var end = start.IndexOfAny(['>', ']']);
        return end < 0 ? "" : start[..(end + 1)];
    }

    /// <summary>What may open a part that ends so.</summary>
    private static List<string>? Counterpart(string close)
    {
        var opens = Counterparts.Where(pair => close.Contains(pair.Close, StringComparison.Ordinal))
            .Select(pair => close.Replace(pair.Close, pair.Open, StringComparison.Ordinal)).ToList();
        return opens.Count == 0 ? null : opens;
    }
}
