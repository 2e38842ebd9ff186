using System.Text.RegularExpressions;

namespace Samovar.Tests.Tidy;

/// <summary>
/// Finds methods and constructors in C# text by braces and indentation; it need not be a compiler, only not be fooled by our own style.
/// </summary>
internal static partial class Blocks
{
    /// <summary>
    /// Methods with a body in braces: a head that ends in <c>)</c>, then a brace alone at the same depth, up to its counterpart.
    /// </summary>
    public static IEnumerable<(int Start, int Lines)> Methods(string[] lines)
    {
        for (var i = 1; i < lines.Length; i++)
        {
            if (lines[i].Trim() != "{" || !IsMethodHead(lines, i - 1)) continue;
            var indent = lines[i].Length - lines[i].TrimStart().Length;
            var end = Array.FindIndex(lines, i + 1, line => line.StartsWith(new string(' ', indent) + "}", StringComparison.Ordinal));
            if (end > i && lines[end].Trim() == "}") yield return (i, end - i + 1); // "};" ends an initializer
        }
    }

    /// <summary>
    /// Primary and ordinary constructors with the number of their parameters; records of data are no services and are not counted.
    /// </summary>
    public static IEnumerable<(string Name, int Count)> ConstructorParameters(string text)
    {
        var names = ClassName().Matches(text).Select(match => match.Groups[1].Value).ToHashSet(StringComparer.Ordinal);
        foreach (Match head in ClassHead().Matches(text)) yield return (head.Groups[1].Value, Parameters(text, head.Index + head.Length));
        foreach (Match head in ConstructorHead().Matches(text))
            if (names.Contains(head.Groups[1].Value)) yield return (head.Groups[1].Value, Parameters(text, head.Index + head.Length));
    }

    private static bool IsMethodHead(string[] lines, int at)
    {
        var head = lines[at].TrimEnd();
        if (head.TrimStart().StartsWith("where ", StringComparison.Ordinal) && at > 0) head = lines[--at].TrimEnd();
        if (!head.EndsWith(')')) return false;
        while (at > 0 && head.Count(c => c == '(') < head.Count(c => c == ')')) head = lines[--at].TrimEnd() + head;
        return !Statement().IsMatch(head) && !TypeHead().IsMatch(head);
    }

    /// <summary>Counts from just behind the opening parenthesis to its counterpart.</summary>
    private static int Parameters(string text, int at)
    {
        var (depth, commas, isEmpty) = (1, 0, true);
        for (; at < text.Length && depth > 0; at++)
        {
            var c = text[at];
            if (c is '(' or '<' or '[' or '{') depth++;
            else if (c is ')' or '>' or ']' or '}') depth -= c == '>' && text[at - 1] == '=' ? 0 : 1;
            else if (c == ',' && depth == 1) commas++;
            if (depth > 0 && !char.IsWhiteSpace(c)) isEmpty = false;
        }
        return isEmpty ? 0 : commas + 1;
    }

    [GeneratedRegex(@"^\s*(?:\w+\s+)*(?:class|record|struct|interface)\s+\w+")]
    private static partial Regex TypeHead();

    [GeneratedRegex(@"(?m)^\s*(?:\w+\s+)*class\s+(\w+)")]
    private static partial Regex ClassName();

    [GeneratedRegex(@"(?m)^\s*(?:\w+\s+)*class\s+(\w+)(?:<[^>]*>)?\(")]
    private static partial Regex ClassHead();

    [GeneratedRegex(@"(?m)^\s*(?:public|internal|protected|private)\s+(\w+)\(")]
    private static partial Regex ConstructorHead();

    [GeneratedRegex(@"^\s*(?:if|else|while|for|foreach|switch|using|lock|catch|fixed|do|try|return|await|yield)\b")]
    private static partial Regex Statement();
}
