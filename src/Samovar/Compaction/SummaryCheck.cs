using Samovar.Protocol.Items;

namespace Samovar.Compaction;

/// <summary>Whether what a model wrote as a summary can take the place of what it summarises: by what can be measured of it.</summary>
/// <remarks>
/// Small models answer the last question instead, call a tool, repeat themselves, copy the instruction, or write what has nothing to do
/// with the conversation. Each of these shows in counts of words; none of it needs to know which model it was.
/// </remarks>
internal static class SummaryCheck
{
    private const int WordsMin = 8;
    private const int RepeatWordsMin = 24;
    private const double DistinctMin = 0.55; // of runs of three words
    private const double MarkupMax = 0.12; // of its visible characters
    private const double SharedMin = 0.25; // of its longer words, with the conversation
    private const double CopiedMax = 0.4; // of its runs of four words, from the instruction
    private const int LongWord = 4;
    private const string MarkupChars = "<>{}[]|\\";

    /// <summary>Null for a summary that can be used, else the one word for why it cannot.</summary>
    /// <param name="summary">What the model wrote.</param>
    /// <param name="older">What it stands for.</param>
    /// <param name="asked">What it was asked for; null where that are its client's own words, by which what they ask for may look like
    /// anything.</param>
    /// <param name="tools">Names of the tools that the model knows.</param>
    public static string? Fault(string summary, IReadOnlyList<Item> older, string? asked, IEnumerable<string> tools)
    {
        if (tools.Concat(older.OfType<FunctionCallItem>().Select(static call => call.Name))
            .Concat(older.OfType<CustomToolCallItem>().Select(static call => call.Name)).Distinct(StringComparer.Ordinal)
            .Any(name => IsCalled(summary, name))) return "call";
        var words = Words(summary);
        if (words.Count < (asked is null ? 1 : WordsMin)) return "empty";
        if (asked is null) return IsRepeated(words) ? "repeats" : null;
        var said = older.Select(ItemText.Of).ToList();
        if (summary.Length > said.Sum(static text => text.Length)) return "longer";
        var visible = summary.Count(static letter => !char.IsWhiteSpace(letter));
        if (summary.Count(static letter => MarkupChars.Contains(letter, StringComparison.Ordinal)) > MarkupMax * visible) return "markup";
        if (IsRepeated(words)) return "repeats";
        if (Copied(words, Words(asked)) > CopiedMax) return "copies";
        return IsOfTask(words, older, said) ? null : "off_task";
    }

    /// <summary>Whether a tool is named as calls name them, in whatever syntax; in a sentence it is quoted otherwise.</summary>
    private static bool IsCalled(string summary, string name)
    {
        for (var at = summary.IndexOf(name, StringComparison.Ordinal); at >= 0;
            at = summary.IndexOf(name, at + name.Length, StringComparison.Ordinal))
        {
            var before = summary.AsSpan(0, at).TrimEnd();
            var behind = summary.AsSpan(at + name.Length).TrimStart();
            if (behind is ['>', ..] && before is [.., '<' or '=' or ':']) return true;
            if (behind is ['(' or '[' or '{', ..] && behind[1..].TrimStart() is ['{' or '"', ..]) return true;
            if (behind is ['"', ..] && before is [.., '"'] && before[..^1].TrimEnd() is [.., ':']) return true;
        }
        return false;
    }

    /// <summary>Its longer words are those of the conversation, and some are of what was asked there.</summary>
    private static bool IsOfTask(List<string> words, IReadOnlyList<Item> older, List<string> said)
    {
        var own = Long(words);
        if (own.Count == 0) return false;
        var known = Long(said.SelectMany(Words));
        if (own.Count(known.Contains) < SharedMin * own.Count) return false;
        var asked = Long(older.Where(static item => item is MessageItem { Role: Role.User })
            .SelectMany(static item => Words(ItemText.Of(item))));
        return asked.Count == 0 || own.Overlaps(asked);
    }

    private static HashSet<string> Long(IEnumerable<string> words) =>
        words.Where(static word => word.Length >= LongWord || !char.IsAscii(word[0])).ToHashSet(StringComparer.Ordinal);

    private static bool IsRepeated(List<string> words) => words.Count >= RepeatWordsMin && Distinct(words, 3) < DistinctMin;

    private static double Distinct(List<string> words, int length)
    {
        var runs = Runs(words, length);
        return runs.Count == 0 ? 1 : (double)runs.Distinct(StringComparer.Ordinal).Count() / runs.Count;
    }

    private static double Copied(List<string> words, List<string> from)
    {
        var runs = Runs(words, 4);
        var known = Runs(from, 4).ToHashSet(StringComparer.Ordinal);
        return runs.Count == 0 ? 0 : (double)runs.Count(known.Contains) / runs.Count;
    }

    private static List<string> Runs(List<string> words, int length)
    {
        var runs = new List<string>();
        for (var at = 0; at + length <= words.Count; at++) runs.Add(string.Join(' ', words.GetRange(at, length)));
        return runs;
    }

    /// <summary>Runs of letters and digits; of scripts without spaces each character.</summary>
    private static List<string> Words(string text)
    {
        var words = new List<string>();
        var start = -1;
        for (var at = 0; at <= text.Length; at++)
        {
            var isLetter = at < text.Length && char.IsLetterOrDigit(text[at]);
            var isAlone = isLetter && text[at] is >= '\u2E80' and <= '\uD7FF';
            if (isLetter && !isAlone && start < 0) start = at;
            if ((!isLetter || isAlone) && start >= 0)
            {
                words.Add(text[start..at].ToLowerInvariant());
                start = -1;
            }
            if (isAlone) words.Add(text[at..(at + 1)]);
        }
        return words;
    }
}
