namespace Samovar.Templates.Syntax;

/// <summary>Looks at what a template's code does with numbers.</summary>
internal static class NumberUse
{
    private const int FewMax = 2;

    private static readonly HashSet<string> Divisions = new(StringComparer.Ordinal) { "%", "//", "/", "**" };
    private static readonly HashSet<string> Divided =
        new(StringComparer.Ordinal) { "even", "odd", "divisibleby", "cycle", "batch", "slice" };
    private static readonly HashSet<string> Uses =
        new(StringComparer.Ordinal) { "=", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "(", ",", "[" };

    /// <summary>
    /// Whether it may tell conversations of three messages from those of many by their number: it divides, or has a number above two
    /// where numbers are compared, reckoned with or given a name.
    /// </summary>
    public static bool Counts(IReadOnlyList<Token> tokens)
    {
        for (var at = 0; at < tokens.Count; at++)
        {
            var token = tokens[at];
            if (token.Kind == TokenKind.Operator && Divisions.Contains(token.Text)) return true;
            if (token.Kind == TokenKind.Name && Divided.Contains(token.Text)) return true;
            if (token.Kind == TokenKind.Float) return true;
            if (token.Kind == TokenKind.Int && !IsFew(token.Text) && IsUsed(tokens, at)) return true;
        }
        return false;
    }

    private static bool IsFew(string number) => int.TryParse(number, out var value) && value <= FewMax;

    /// <summary>Not where it is a place in a text or list, or how far JSON is indented.</summary>
    private static bool IsUsed(IReadOnlyList<Token> tokens, int at)
    {
        var (before, after) = (at > 0 ? tokens[at - 1] : default, at + 1 < tokens.Count ? tokens[at + 1] : default);
        if (before.IsOperator("=") && at > 1 && tokens[at - 2].IsName("indent")) return false;
        if (before.IsOperator("[") && after.IsOperator("]")) return true; // a place is a number of messages
        return (before.Kind == TokenKind.Operator && Uses.Contains(before.Text))
            || (after.Kind == TokenKind.Operator && Uses.Contains(after.Text));
    }
}
