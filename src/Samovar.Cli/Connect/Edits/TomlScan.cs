using System.Text.RegularExpressions;
using Samovar.Cli.Agents;

namespace Samovar.Cli.Connect.Edits;

/// <summary>The statements of a TOML text by their lines: enough to add to it, and to see that it is one.</summary>
internal static partial class TomlScan
{
    /// <param name="Table">The table it stands in, as written; empty for the root, and for a header its own name.</param>
    /// <param name="Key">As written; null for a table's header.</param>
    /// <param name="First">Its first line, from 0; <paramref name="Last"/> its last.</param>
    public sealed record Statement(string Table, string? Key, int First, int Last);

    /// <exception cref="UsageException">It is no TOML.</exception>
    public static List<Statement> Read(List<string> lines)
    {
        var found = new List<Statement>();
        var table = "";
        for (var at = 0; at < lines.Count; at++)
        {
            var line = lines[at].Trim();
            if (line.Length == 0 || line[0] == '#') continue;
            if (Header().Match(line) is { Success: true } header)
            {
                table = Plain(header.Groups["name"].Value);
                found.Add(new Statement(table, null, at, at));
            }
            else if (Assignment().Match(line) is { Success: true } assignment)
            {
                var last = EndOf(lines, at, line[assignment.Length..]);
                found.Add(new Statement(table, Plain(assignment.Groups["name"].Value), at, last));
                at = last;
            }
            else throw new UsageException($"line {at + 1} is no TOML: {Short(line)}");
        }
        return found;
    }

    /// <summary>A name without quotes and spaces around its parts.</summary>
    private static string Plain(string name) => string.Join('.', name.Split('.').Select(part => part.Trim().Trim('"', '\'')));

    private static int EndOf(List<string> lines, int first, string value)
    {
        var depth = 0;
        string? quote = null;
        for (var at = first; at < lines.Count; at++)
        {
            var text = at == first ? value : lines[at];
            Pass(text, ref depth, ref quote);
            if (quote?.Length == 1) throw new UsageException($"line {at + 1} is no TOML: a text has no end");
            if (depth <= 0 && quote is null)
            {
                if (at == first && value.Trim() is "" or ['#', ..])
                    throw new UsageException($"line {at + 1} is no TOML: a key has no value");
                return at;
            }
        }
        throw new UsageException($"line {first + 1} is no TOML: its value has no end");
    }

    private static void Pass(string text, ref int depth, ref string? quote)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (quote is not null)
            {
                if (text[at] == '\\' && quote[0] == '"') at++;
                else if (string.CompareOrdinal(text, at, quote, 0, quote.Length) == 0)
                {
                    at += quote.Length - 1;
                    quote = null;
                }
                continue;
            }
            switch (text[at])
            {
                case '#': return;
                case '[' or '{': depth++; break;
                case ']' or '}': depth--; break;
                case '"' or '\'':
                    var mark = text[at];
                    quote = at + 2 < text.Length && text[at + 1] == mark && text[at + 2] == mark ? new string(mark, 3) : mark.ToString();
                    at += quote.Length - 1;
                    break;
            }
        }
    }

    private static string Short(string line) => line.Length > 40 ? line[..40] + "…" : line;

    private const string Name = """([A-Za-z0-9_-]+|"[^"]*"|'[^']*')""";

    private const string Names = "(?<name>" + Name + @"(\s*\.\s*" + Name + ")*)";

    [GeneratedRegex(@"^\[\[?\s*" + Names + @"\s*\]?\]\s*(#.*)?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Header();

    [GeneratedRegex("^" + Names + @"\s*=", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Assignment();
}
