using System.Text.RegularExpressions;

namespace Samovar.Cli.Connect.Edits;

/// <summary>Whose the lines of a YAML file are: who writes YAML and keeps its comments puts keys and entries between our marks.</summary>
/// <param name="Keys">Keys of the root that we write.</param>
/// <param name="List">The list in which we have an entry.</param>
/// <param name="Entry">Its lines.</param>
internal sealed partial record YamlOwners(IReadOnlyList<(string Name, string Line)> Keys, string? List, IReadOnlyList<string> Entry)
{
    private const int Step = 2; // between a dash and what belongs to it

    public List<MarkedLine> Sorted(string text, string? written)
    {
        var lines = MarkedText.Read(text);
        var ours = written is null ? [.. Entry.Select(static line => line.Trim()), .. Keys.Select(static key => key.Line), List + ":"]
            : MarkedText.Ours(written);
        foreach (var block in lines.Select(static line => line.Block).Distinct().Where(static block => block > 0).ToList())
            Sort(lines, block, ours);
        if (List is not null) KeepList(lines);
        return lines;
    }

    private void Sort(List<MarkedLine> lines, int block, List<string> ours)
    {
        var inner = ours.Select(NameOf).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var places = Enumerable.Range(0, lines.Count).Where(at => lines[at] is { IsMark: false } line && line.Block == block
            && line.Text.Trim().Length > 0).ToList();
        var dash = places.FindIndex(at => IsEntry(lines[at]));
        var indent = dash < 0 ? -1 : lines[places[dash]].Indent;
        // Ours is the one that says what we wrote; where none does, it was changed, and stands first.
        var entry = places.FindIndex(at => IsEntry(lines[at]) && lines[at].Indent == indent && ours.Contains(lines[at].Text.Trim()));
        if (entry < 0) entry = dash;
        (int Indent, bool IsEntry)? theirs = null;
        for (var at = 0; at < places.Count; at++)
        {
            var line = lines[places[at]];
            if (theirs is { } begun && (line.Indent < begun.Indent || (line.Indent == begun.Indent && (begun.IsEntry || !IsEntry(line)))))
                theirs = null;
            var isOther = List is not null && IsEntry(line) && line.Indent == indent && at != entry;
            if (theirs is null && (isOther || IsOtherKey(line))) theirs = (line.Indent, isOther);
            var said = line.Text.Trim();
            var whose = theirs is not null ? Whose.Theirs : ours.Contains(said) ? Whose.Ours : said[0] == '#' ? Whose.Theirs
                : at == entry || (NameOf(said) is { } name && inner.Contains(name)) ? Whose.Changed : Whose.Within;
            lines[places[at]] = line with { Whose = whose };
        }
    }

    /// <summary>A list that others have added to stays one, though it was we who began it.</summary>
    private void KeepList(List<MarkedLine> lines)
    {
        var head = lines.FindIndex(line => line is { Block: > 0, IsMark: false, Indent: 0 } && RootName(line) == List);
        if (head < 0) return;
        var end = lines.FindIndex(head + 1, static line => !line.IsStandIn && RootName(line) is not null);
        var rest = lines[(head + 1)..(end < 0 ? lines.Count : end)];
        if (!rest.Exists(static line => line.Whose == Whose.Theirs && !line.IsMark && line.Text.Trim() is [not '#', ..])) return;
        lines[head] = lines[head] with { Whose = Whose.Theirs };
        var empty = lines.FindIndex(line => line.IsStandIn && RootName(line) == List);
        if (empty >= 0) lines[empty] = lines[empty] with { Whose = Whose.Ours };
    }

    /// <summary>What others have added to our entry, to be put at the end of it again; as a comment where it hangs on a line that may be
    /// missing.</summary>
    public static List<string> Added(List<MarkedLine> lines)
    {
        var added = new List<string>();
        var isWhole = false;
        var own = lines.Find(line => line.Block > 0 && IsEntry(line))?.Indent + Step ?? -1;
        foreach (var line in lines.Where(static line => line.Block > 0 && !line.IsMark))
        {
            if (line.Whose != Whose.Within) isWhole = isWhole && line.Indent > own;
            else
            {
                isWhole = line.Indent == own || (isWhole && line.Indent > own);
                added.Add((isWhole ? line : line.AsComment).Text);
            }
        }
        return added;
    }

    private static bool IsEntry(MarkedLine line) => line.Text.Trim() is "-" or ['-', ' ', ..];

    private bool IsOtherKey(MarkedLine line) => line.Indent == 0 && RootName(line) is { } name
        && name != List && Keys.All(key => key.Name != name);

    private static string? RootName(MarkedLine line) => line.Indent == 0 && !IsEntry(line) ? NameOf(line.Text.Trim()) : null;

    private static string? NameOf(string line) => Name().Match(line) is { Success: true } found ? found.Groups["name"].Value : null;

    [GeneratedRegex("""^(-\s+)?"?(?<name>[A-Za-z0-9_.-]+)"?\s*:(\s|$)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();
}
