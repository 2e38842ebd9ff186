using System.Globalization;
using Samovar.Cli.Agents;

namespace Samovar.Cli.Connect.Edits;

/// <summary>Keys and one table in a TOML file: keys in a block at its head, the table in a block at its end.</summary>
/// <param name="Keys">Keys of the root with their values as TOML; they stand in for those of the file.</param>
/// <param name="Table">The table's name; another of the same name is stood in for. Null where there is none.</param>
/// <param name="TableLines">Its lines, the header first.</param>
/// <param name="ReplacesKeys">Whether keys that the file has are stood in for; where not, and it has one of them, none is written.</param>
/// <remarks>
/// Whoever writes TOML and keeps its comments takes our marks for such, and puts new keys and tables before the second one or behind it. So
/// each statement is looked at for itself: keys that it is known that we write are ours, what was added to our table goes with it, and all
/// else between our marks is somebody else's.
/// </remarks>
internal sealed record TomlEdit(IReadOnlyList<(string Name, string Value)> Keys, string? Table, IReadOnlyList<string> TableLines,
    bool ReplacesKeys) : FileEdit
{
    /// <summary>Keys of the table that are ours whether or not they are written this time.</summary>
    public IReadOnlyList<string> TableKeys { get; init; } = [];

    public override string Apply(string text) => Renew(text, null, "");

    public override string Renew(string text, string? written, string next)
    {
        var all = Sorted(text, written);
        var hadTable = HasTable(all);
        var theirs = MarkedText.Others(all);
        var lines = theirs.Select(static line => line.Text).ToList();
        var statements = TomlScan.Read(lines);
        if (statements.FirstOrDefault(IsOdd) is { } odd)
            throw new UsageException($"line {odd.First + 1} has '{odd.Key}' in a form that is left alone: write it as a table [{Table}]");
        foreach (var one in statements)
            if ((IsOurTable(one.Table) && (theirs[one.First].IsStandIn || !hadTable)) || (ReplacesKeys && IsOurKey(one)))
                for (var at = one.First; at <= one.Last; at++) lines[at] = MarkedText.StandIn(lines[at]);
        if (TableLines.Count > 0)
        {
            if (lines.Count > 0 && lines[^1].Trim().Length > 0 && text.Length > 0) lines.Add("");
            var added = all.Where(static line => line.Whose == Whose.Within).Select(static line => line.Text);
            lines.AddRange(MarkedText.Block(TableLines, added: added));
        }
        if (Keys.Count > 0 && (ReplacesKeys || !statements.Any(IsOurKey)))
            lines.InsertRange(0, [.. MarkedText.Block(Keys.Select(key => $"{key.Name} = {key.Value}"))]);
        return MarkedText.Join(lines, text);
    }

    /// <summary>Whether the file says itself what these keys would say.</summary>
    public bool IsTaken(string text, string? written) => TomlScan
        .Read([.. MarkedText.Others(Sorted(text, written)).Select(static line => line.Text)]).Any(IsOurKey);

    /// <remarks>What stands nowhere without ours is kept as a comment.</remarks>
    public override string Revert(string text, string original, string? written = null)
    {
        var lines = new List<string>();
        var isNamed = false;
        foreach (var line in Sorted(text, written).Where(static line => line.Whose != Whose.Ours))
        {
            if (line.Whose == Whose.Within && !isNamed)
            {
                lines.Add($"# [{Table}]");
                isNamed = true;
            }
            lines.Add(line.Whose == Whose.Theirs ? line.Text : line.AsComment.Text);
        }
        if (lines.Count > 0 && lines[^1].Trim().Length == 0 && !EndsEmpty(original)) lines.RemoveAt(lines.Count - 1);
        return MarkedText.Join(lines, text);
    }

    private static bool EndsEmpty(string original) => MarkedText.Lines(original) is [.., { } last] && last.Trim().Length == 0;

    private List<MarkedLine> Sorted(string text, string? written)
    {
        var lines = MarkedText.Read(text);
        var ours = MarkedText.Ours(written);
        var exact = ours.Concat(TableLines).ToHashSet(StringComparer.Ordinal);
        var names = Names(ours);
        for (var at = 0; at < lines.Count; at++)
            if (lines[at] is { Block: > 0, IsMark: false } line && line.Text.Trim() is ['#', ..] comment && !exact.Contains(comment))
                lines[at] = line with { Whose = Whose.Theirs };
        var isOurs = false;
        foreach (var one in TomlScan.Read([.. lines.Select(static line => line.Plain)]))
        {
            var isInside = lines[one.First].Block > 0;
            if (one.Key is null) isOurs = isInside ? IsOurTable(one.Table) : HasTable(lines) && IsOurTable(one.Table) && one.Table != Table;
            var isKnown = isInside && (one.Table.Length == 0 || isOurs) && names.Contains((one.Table, one.Key));
            var isSame = written is null || lines[one.First..(one.Last + 1)].All(line => exact.Contains(line.Text.Trim()));
            var whose = isKnown ? isSame ? Whose.Ours : Whose.Changed : isOurs ? Whose.Within : Whose.Theirs;
            for (var at = one.First; at <= one.Last; at++) lines[at] = lines[at] with { Whose = whose };
        }
        return lines;
    }

    /// <summary>What we write, by table and key.</summary>
    private HashSet<(string, string?)> Names(List<string> ours) =>
    [
        .. TomlScan.Read(ours).Concat(TomlScan.Read([.. TableLines])).Select(static one => (one.Table, one.Key)),
        .. Keys.Select(static key => ("", (string?)key.Name)), .. TableKeys.Select(key => (Table ?? "", (string?)key)),
    ];

    /// <summary>Whether our table stands in one of our blocks.</summary>
    private bool HasTable(List<MarkedLine> lines) => Table is not null
        && lines.Any(line => line is { Block: > 0, IsMark: false } && line.Text.Trim().StartsWith($"[{Table}]", StringComparison.Ordinal));

    /// <summary>Whether it makes our table, or one that ours stands in, as a value: a header would be its second definition.</summary>
    private bool IsOdd(TomlScan.Statement one)
    {
        if (Table is null || one.Key is null || IsOurTable(one.Table)) return false;
        var name = one.Table.Length == 0 ? one.Key : $"{one.Table}.{one.Key}";
        return IsOurTable(name) || Table.StartsWith(name + ".", StringComparison.Ordinal);
    }

    private bool IsOurKey(TomlScan.Statement one) => one.Table.Length == 0 && Keys.Any(key => key.Name == one.Key);

    private bool IsOurTable(string table) =>
        Table is not null && (table == Table || table.StartsWith(Table + ".", StringComparison.Ordinal));

    /// <summary>A text as TOML writes it.</summary>
    public static string Quote(string text) => "\"" + string.Concat(text.Select(letter => letter switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        < ' ' or '\x7f' => "\\u" + ((int)letter).ToString("x4", CultureInfo.InvariantCulture),
        _ => letter.ToString(),
    })) + "\"";
}
