using System.Text.RegularExpressions;

namespace Samovar.Cli.Connect.Edits;

/// <summary>What changes in a text, line by line, with what looks like a secret left out.</summary>
internal static partial class TextDiff
{
    private const int LinesMax = 2000; // the table has its square

    public static IEnumerable<string> Lines(string before, string after, string? secret)
    {
        var (old, now) = (Split(before), Split(after));
        var (head, tail) = (0, 0);
        while (head < old.Length && head < now.Length && old[head] == now[head]) head++;
        while (tail < old.Length - head && tail < now.Length - head && old[^(tail + 1)] == now[^(tail + 1)]) tail++;
        return Middle(old[head..^tail], now[head..^tail], head).Select(line => Masked(line, secret));
    }

    /// <summary>The line without what may be a secret in it.</summary>
    public static string Masked(string line, string? secret)
    {
        if (!string.IsNullOrEmpty(secret)) line = line.Replace(secret, "…", StringComparison.Ordinal);
        return SecretValue().Replace(line, static match => match.Value[..(match.Value.IndexOfAny([':', '=']) + 1)] + " \"…\"");
    }

    private static string[] Split(string text) => text.Length == 0 ? [] : text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');

    private static List<string> Middle(string[] old, string[] now, int first)
    {
        if (old.Length > LinesMax || now.Length > LinesMax) return [.. old.Select(line => "- " + line), .. now.Select(line => "+ " + line)];
        var longest = new int[old.Length + 1, now.Length + 1];
        for (var i = old.Length - 1; i >= 0; i--)
            for (var j = now.Length - 1; j >= 0; j--)
                longest[i, j] = old[i] == now[j] ? longest[i + 1, j + 1] + 1 : Math.Max(longest[i + 1, j], longest[i, j + 1]);
        var lines = new List<string>();
        for (var (i, j, isOpen) = (0, 0, false); i < old.Length || j < now.Length;)
        {
            if (i < old.Length && j < now.Length && old[i] == now[j])
            {
                (i, j, isOpen) = (i + 1, j + 1, false);
                continue;
            }
            if (!isOpen) lines.Add($"@@ line {first + j + 1}");
            isOpen = true;
            if (i < old.Length && (j == now.Length || longest[i + 1, j] >= longest[i, j + 1])) lines.Add("- " + old[i++]);
            else lines.Add("+ " + now[j++]);
        }
        return lines;
    }

    private const string Names = """(api[_-]?key|token|secret|password|authorization)""";
    private const string Values = """("([^"\\]|\\.)*"|'[^']*'|[^\s,}\]]+)""";

    [GeneratedRegex(Names + """["']?\s*[:=]\s*(?!["']?(\{env:|\$))""" + Values,
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SecretValue();
}
