using System.Text.RegularExpressions;
using Samovar.Cli.Agents;

namespace Samovar.Cli.Connect.Edits;

/// <summary>Keys of a YAML file's root, or an entry at the head of one of its lists, in a block of ours.</summary>
/// <param name="Keys">Keys of the root, each with its lines; they stand in for those of the file.</param>
/// <param name="List">The list that gets <paramref name="Entry"/>; null where there is none.</param>
/// <param name="Entry">The entry's lines, without what stands before each; the first begins with a dash.</param>
/// <param name="Head">What a new file begins with.</param>
internal sealed partial record YamlEdit(IReadOnlyList<(string Name, string Line)> Keys, string? List, IReadOnlyList<string> Entry,
    IReadOnlyList<string> Head) : FileEdit
{
    private YamlOwners Owners => new(Keys, List, Entry);

    public override string Apply(string text) => Renew(text, null, "");

    public override string Renew(string text, string? written, string next)
    {
        var all = Owners.Sorted(text, written);
        var lines = MarkedText.Others(all).Select(static line => line.Text).ToList();
        var added = YamlOwners.Added(all);
        var keys = Read(lines);
        if (lines.All(static line => string.IsNullOrWhiteSpace(line))) lines.AddRange(Head);
        for (var at = 0; at < keys.Count; at++)
            if (Keys.Any(one => one.Name == keys[at].Name))
                for (var line = keys[at].Line; line < (at + 1 < keys.Count ? keys[at + 1].Line : lines.Count); line++)
                    if (line == keys[at].Line || IsInside(lines[line])) lines[line] = MarkedText.StandIn(lines[line]);
        if (Keys.Count > 0) lines.AddRange(MarkedText.Block(Keys.Select(one => one.Line), added: added));
        if (List is not null) AddEntry(lines, keys, added);
        return MarkedText.Join(lines, text);
    }

    /// <remarks>What stands nowhere without ours is kept as a comment.</remarks>
    public override string Revert(string text, string original, string? written = null) => MarkedText.Join(
        [.. Owners.Sorted(text, written).Where(static line => line.Whose != Whose.Ours)
            .Select(static line => line.Whose == Whose.Theirs ? line.Text : line.AsComment.Text)], text);

    public override bool IsNothing(string text) => MarkedText.Lines(text).Select(static line => line.TrimEnd())
        .All(line => line.Length == 0 || Head.Contains(line, StringComparer.Ordinal));

    private void AddEntry(List<string> lines, List<(string Name, int Line)> keys, List<string> added)
    {
        var at = keys.FindIndex(key => key.Name == List);
        if (at < 0)
        {
            lines.AddRange(MarkedText.Block([$"{List}:", .. Entry.Select(static line => "  " + line)], added: added));
            return;
        }
        var line = keys[at].Line;
        if (EmptyList().IsMatch(lines[line]))
        {
            lines[line] = MarkedText.StandIn(lines[line]);
            lines.InsertRange(line + 1, MarkedText.Block([$"{List}:", .. Entry.Select(static one => "  " + one)], added: added));
            return;
        }
        if (!KeyAlone().IsMatch(lines[line]))
            throw new UsageException($"line {line + 1} has '{List}' in a form that is left alone: write it as a list of lines");
        var first = lines.FindIndex(line + 1, static one => one.Trim() is [not '#', ..]);
        var next = first >= 0 ? lines[first] : "";
        var indent = next.TrimStart().StartsWith('-') ? next[..next.IndexOf('-', StringComparison.Ordinal)] : "  ";
        lines.InsertRange(line + 1, MarkedText.Block(Entry, indent, added));
    }

    /// <summary>The root's keys and their lines.</summary>
    /// <exception cref="UsageException">It is no YAML that has keys at its root.</exception>
    private static List<(string Name, int Line)> Read(List<string> lines)
    {
        var keys = new List<(string, int)>();
        for (var at = 0; at < lines.Count; at++)
        {
            var line = lines[at].TrimEnd();
            if (line.StartsWith('\t')) throw new UsageException($"line {at + 1} is no YAML: it begins with a tab");
            if (line.Length == 0 || line[0] is '#' or ' ' || (line is "---" && keys.Count == 0)) continue;
            if (RootKey().Match(line) is { Success: true } key) keys.Add((key.Groups["name"].Value, at));
            else if (!(line.StartsWith('-') && line is ['-', ' ', ..] && keys.Count > 0))
                throw new UsageException($"line {at + 1} cannot be read as YAML with keys at its root");
        }
        return keys;
    }

    private static bool IsInside(string line) => line.TrimEnd() is [' ', ..] or ['-', ..];

    [GeneratedRegex("""^"?(?<name>[A-Za-z0-9_.-]+)"?\s*:(\s|$)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RootKey();

    [GeneratedRegex("""^"?[A-Za-z0-9_.-]+"?\s*:\s*(#.*)?$""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex KeyAlone();

    [GeneratedRegex("""^"?[A-Za-z0-9_.-]+"?\s*:\s*(\[\s*\]|null|~)\s*(#.*)?$""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EmptyList();

    /// <summary>A text as YAML writes it.</summary>
    public static string Quote(string text) => TomlEdit.Quote(text); // JSON's escapes are YAML's
}
