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
    /// <param name="added">What others have added to what is in it, as it stood there.</param>
    public static IEnumerable<string> Block(IEnumerable<string> lines, string indent = "", IEnumerable<string>? added = null) =>
        new[] { Begin }.Concat(lines).Select(line => line.Length == 0 ? line : indent + line).Concat(added ?? []).Append(indent + End);

    /// <summary>The line as a comment that says whose it was.</summary>
    public static string StandIn(string line) => StoodIn + line;

    /// <summary>The lines with what each is; one that ours stood in for is there again.</summary>
    /// <exception cref="UsageException">A mark is missing.</exception>
    public static List<MarkedLine> Read(string text)
    {
        var lines = Lines(text);
        var read = new List<MarkedLine>(lines.Count);
        var began = 0;
        for (var at = 0; at < lines.Count; at++)
        {
            var line = lines[at].Trim();
            if (line is Begin or End)
            {
                if ((line == Begin) == (began > 0))
                    throw new UsageException(
                        $"line {at + 1} has a mark of samovar connect without the other one: remove it, and what was between");
                began = line == Begin ? at + 1 : 0;
                read.Add(new MarkedLine(lines[at], line == Begin ? began : at, IsMark: true, IsStandIn: false));
                continue;
            }
            var isStandIn = began == 0 && lines[at].StartsWith(StoodIn, StringComparison.Ordinal);
            read.Add(new MarkedLine(isStandIn ? lines[at][StoodIn.Length..] : lines[at], began, IsMark: false, isStandIn));
        }
        return began == 0 ? read
            : throw new UsageException($"line {began} begins a block of samovar connect that has no end: remove it, and what was in it");
    }

    /// <summary>What stays when ours are written anew beside it: what somebody made of a line of ours is kept as a comment.</summary>
    public static List<MarkedLine> Others(List<MarkedLine> lines) =>
    [
        .. lines.Where(static line => line.Whose is Whose.Theirs or Whose.Changed)
            .Select(static line => line.Whose == Whose.Theirs ? line : line.AsComment),
    ];

    /// <summary>The lines of our blocks, without what stands before and behind each.</summary>
    public static List<string> Ours(string? written) => written is null ? []
        : [.. Read(written).Where(static line => line is { Block: > 0, IsMark: false }).Select(static line => line.Text.Trim())];
}

/// <summary>A line of a marked text.</summary>
/// <param name="Text">Where ours stood in for it: as it was.</param>
/// <param name="Block">The number of the block it stands in; 0 where it stands in none.</param>
internal sealed record MarkedLine(string Text, int Block, bool IsMark, bool IsStandIn)
{
    /// <summary>As it stands in the file, to one who does not know of marks: a comment where ours stand in for it.</summary>
    public string Plain => IsStandIn ? MarkedText.StandIn(Text) : Text;

    /// <summary>It stays where it is, if as a comment: what it says is said by another line.</summary>
    public MarkedLine AsComment => this with { Text = "# " + Text };

    /// <summary>How many spaces it begins with.</summary>
    public int Indent => Text.Length - Text.TrimStart(' ').Length;

    public Whose Whose { get; init; } = Block > 0 || IsMark ? Whose.Ours : Whose.Theirs;
}

/// <summary>Whose a line is. Agents and users write between our marks, too.</summary>
internal enum Whose
{
    Theirs,
    Ours,

    /// <summary>Ours, with another value.</summary>
    Changed,

    /// <summary>Theirs, but part of what is ours: without it, it says something else or nothing.</summary>
    Within,
}
