using Samovar.Cli.Agents;

namespace Samovar.Cli.Connect.Edits;

/// <summary>Lines of a text whose comments begin with #: blocks of ours between two marks, and lines that these stand in for.</summary>
internal static class MarkedText
{
    public const string Begin = "# >>> samovar connect", End = "# <<< samovar connect";
    private const string StoodIn = "# (samovar connect) ";

    /// <summary>The lines, each with the return of its end where it has one.</summary>
    public static List<string> Lines(string text)
    {
        var lines = text.Split('\n').ToList();
        if (lines[^1].Length == 0) lines.RemoveAt(lines.Count - 1);
        return lines;
    }

    /// <param name="text">Of which the ends of lines are taken over.</param>
    public static string Join(List<string> lines, string text)
    {
        var end = text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        return string.Concat(lines.Select(line => line.TrimEnd('\r') + end));
    }

    /// <summary>A block of ours.</summary>
    /// <param name="indent">What stands before each line.</param>
    public static IEnumerable<string> Block(IEnumerable<string> lines, string indent = "") =>
        new[] { Begin }.Concat(lines).Append(End).Select(line => line.Length == 0 ? line : indent + line);

    /// <summary>The line as a comment that says whose it was.</summary>
    public static string StandIn(string line) => StoodIn + line;

    /// <summary>The lines without ours, and with those again that ours stood in for.</summary>
    /// <exception cref="UsageException">A mark is missing.</exception>
    public static List<string> WithoutOurs(List<string> lines)
    {
        var kept = new List<string>(lines.Count);
        var began = 0;
        for (var at = 0; at < lines.Count; at++)
        {
            var line = lines[at].Trim();
            if (line == Begin && began == 0) began = at + 1;
            else if (line == End && began > 0) began = 0;
            else if (line is Begin or End)
                throw new UsageException(
                    $"line {at + 1} has a mark of samovar connect without the other one: remove it, and what was between");
            else if (began == 0)
                kept.Add(lines[at].StartsWith(StoodIn, StringComparison.Ordinal) ? lines[at][StoodIn.Length..] : lines[at]);
        }
        return began == 0 ? kept
            : throw new UsageException($"line {began} begins a block of samovar connect that has no end: remove it, and what was in it");
    }
}
