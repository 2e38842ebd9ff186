using System.Globalization;
using Samovar.Cli.Agents;

namespace Samovar.Cli.Connect.Edits;

/// <summary>Keys and one table in a TOML file: keys in a block at its head, the table in a block at its end.</summary>
/// <param name="Keys">Keys of the root with their values as TOML; they stand in for those of the file.</param>
/// <param name="Table">The table's name; another of the same name is stood in for.</param>
/// <param name="TableLines">Its lines, the header first.</param>
/// <param name="ReplacesKeys">Whether keys that the file has are stood in for; where not, and it has one of them, none is written.</param>
internal sealed record TomlEdit(IReadOnlyList<(string Name, string Value)> Keys, string Table, IReadOnlyList<string> TableLines,
    bool ReplacesKeys) : FileEdit
{
    public override string Apply(string text)
    {
        var lines = MarkedText.WithoutOurs(MarkedText.Lines(text));
        var statements = TomlScan.Read(lines);
        var parent = Table[..Table.LastIndexOf('.')];
        if (statements.FirstOrDefault(one => one.Table.Length == 0 && one.Key is { } key
            && (key == parent || key.StartsWith(Table, StringComparison.Ordinal))) is { } odd)
            throw new UsageException($"line {odd.First + 1} has '{odd.Key}' in a form that is left alone: write it as a table [{Table}]");
        foreach (var one in statements)
            if (IsOurTable(one.Table) || (ReplacesKeys && IsOurKey(one)))
                for (var at = one.First; at <= one.Last; at++) lines[at] = MarkedText.StandIn(lines[at]);
        if (lines.Count > 0 && lines[^1].Trim().Length > 0 && text.Length > 0) lines.Add("");
        lines.AddRange(MarkedText.Block(TableLines));
        if (Keys.Count > 0 && (ReplacesKeys || !HasKeys(statements)))
            lines.InsertRange(0, [.. MarkedText.Block(Keys.Select(key => $"{key.Name} = {key.Value}"))]);
        return MarkedText.Join(lines, text);
    }

    /// <summary>Whether the file says itself what these keys would say.</summary>
    public bool IsTaken(string text) => HasKeys(TomlScan.Read(MarkedText.WithoutOurs(MarkedText.Lines(text))));

    public override string Revert(string text, string original)
    {
        var lines = MarkedText.WithoutOurs(MarkedText.Lines(text));
        if (lines.Count > 0 && lines[^1].Trim().Length == 0 && !EndsEmpty(original)) lines.RemoveAt(lines.Count - 1);
        return MarkedText.Join(lines, text);
    }

    private static bool EndsEmpty(string original) => MarkedText.Lines(original) is [.., { } last] && last.Trim().Length == 0;

    private bool HasKeys(List<TomlScan.Statement> statements) => statements.Any(IsOurKey);
    private bool IsOurKey(TomlScan.Statement one) => one.Table.Length == 0 && Keys.Any(key => key.Name == one.Key);

    private bool IsOurTable(string table) => table == Table || table.StartsWith(Table + ".", StringComparison.Ordinal);

    /// <summary>A text as TOML writes it.</summary>
    public static string Quote(string text) => "\"" + string.Concat(text.Select(letter => letter switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        < ' ' or '\x7f' => "\\u" + ((int)letter).ToString("x4", CultureInfo.InvariantCulture),
        _ => letter.ToString(),
    })) + "\"";
}
