namespace Samovar.Testing.Grammars;

/// <summary>Reads a patch line by line, as the tools that apply them do.</summary>
public sealed class PatchReader
{
    /// <summary>Of the same shape as the grammar that coding agents send for their patches.</summary>
    public const string Grammar =
        """
        start: begin hunk+ end
        begin: "*** Begin Patch" LF
        end: "*** End Patch" LF?

        hunk: add_hunk | delete_hunk | update_hunk
        add_hunk: "*** Add File: " filename LF add_line+
        delete_hunk: "*** Delete File: " filename LF
        update_hunk: "*** Update File: " filename LF change_move? change?

        filename: /(.+)/
        add_line: "+" /(.*)/ LF -> line

        change_move: "*** Move to: " filename LF
        change: (change_context | change_line)+ eof_line?
        change_context: ("@@" | "@@ " /(.+)/) LF
        change_line: ("+" | "-" | " ") /(.*)/ LF
        eof_line: "*** End of File" LF

        %import common.LF
        """;


    private readonly string[] _lines;
    private int _at;

    private PatchReader(string[] lines) => _lines = lines;

    /// <summary>What is wrong with a patch; null where nothing is.</summary>
    public static string? FaultOf(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var lines = (text.EndsWith('\n') ? text[..^1] : text).Split('\n');
        return new PatchReader(lines).Read();
    }

    private string? Current => _at < _lines.Length ? _lines[_at] : null;

    private string? Read()
    {
        if (Current != "*** Begin Patch") return "it does not begin";
        _at++;
        var hunks = 0;
        for (; Current is { } line && line != "*** End Patch"; hunks++)
        {
            if (Named(line, "*** Add File: ")) { if (!Added()) return $"line {_at}: nothing is added"; }
            else if (Named(line, "*** Delete File: ")) _at++;
            else if (Named(line, "*** Update File: ")) Updated();
            else return $"line {_at}: no hunk begins with '{line}'";
        }
        if (hunks == 0) return "it has no hunk";
        if (Current is null) return "it does not end";
        return _at == _lines.Length - 1 ? null : "something follows its end";
    }

    private static bool Named(string line, string prefix) => line.StartsWith(prefix, StringComparison.Ordinal)
        && line.Length > prefix.Length;

    private bool Added()
    {
        var begin = ++_at;
        while (Current is ['+', ..]) _at++;
        return _at > begin;
    }

    private void Updated()
    {
        _at++;
        if (Current is { } moved && Named(moved, "*** Move to: ")) _at++;
        while (Current is { } line && (line is ['+' or '-' or ' ', ..] || line == "@@" || Named(line, "@@ "))) _at++;
        if (Current == "*** End of File") _at++;
    }
}
