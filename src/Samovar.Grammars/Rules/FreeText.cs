namespace Samovar.Grammars.Rules;

/// <summary>Writes rules for any text in which given words do not occur.</summary>
/// <remarks>
/// One rule for each beginning of a word that was seen last, as in the search of Aho and Corasick. The fewer ways on a rule has, the less
/// there is to follow for each token of a vocabulary.
/// </remarks>
internal static class FreeText
{
    private static readonly CharacterSet Spaces =
        CharacterSet.Of(Enumerable.Range(0, char.MaxValue + 1).Where(code => char.IsWhiteSpace((char)code)));

    /// <param name="rules">Where the rules are added.</param>
    /// <param name="words">Words that do not occur, none of them empty.</param>
    public static string Write(GrammarRules rules, params IReadOnlyList<string> words) => States(rules, words)[""];

    /// <summary>Text without a word, whose first word is none of some others: behind those a reader takes it for something else.</summary>
    /// <param name="rules">Where the rules are added.</param>
    /// <param name="end">The word that does not occur.</param>
    /// <param name="notFirst">What does not stand at its beginning, spaces aside; none of them begins with a space.</param>
    public static string WriteOpened(GrammarRules rules, string end, IReadOnlyList<string> notFirst)
    {
        var behind = States(rules, [end]);
        if (notFirst.Count == 0) return behind[""];
        var known = notFirst.Append(end).SelectMany(word => word).Distinct().ToArray();
        var starts = Beginnings(rules, notFirst);
        foreach (var (seen, name) in starts)
        {
            rules.Work.Take(known.Length);
            var spaces = seen.Length == 0 ? Spaces.Without(CharacterSet.Of(known.Select(one => (int)one))) : CharacterSet.Of([]);
            var others = CharacterSet.Of(known.Select(one => (int)one)).With(spaces).Complement();
            var alternatives = new List<string> { "\"\"", $"{others.ToClass()} {behind[""]}" };
            if (!spaces.IsEmpty) alternatives.Add($"{spaces.ToClass()} {name}");
            var steps = known.ToLookup(one => Next(seen, one), one => (int)one, StringComparer.Ordinal);
            foreach (var step in steps.Where(step => step.Key is not null))
                alternatives.Add($"{CharacterSet.Of(step).ToClass()} {step.Key}");
            rules.Fill(name, Gbnf.Choice(alternatives));
        }
        return starts[""];

        string? Next(string seen, char one) =>
            notFirst.Contains(seen + one, StringComparer.Ordinal) ? null
            : starts.TryGetValue(seen.Length == 0 && char.IsWhiteSpace(one) ? "" : seen + one, out var start) ? start
            : SeenAfter(behind, [end], seen + one) is { } part ? behind[part] : null;
    }

    private static Dictionary<string, string> Beginnings(GrammarRules rules, IReadOnlyList<string> words) =>
        words.SelectMany(word => Enumerable.Range(0, word.Length).Select(length => word[..length]))
            .Distinct(StringComparer.Ordinal).ToDictionary(seen => seen, _ => rules.Reserve("text"), StringComparer.Ordinal);

    /// <summary>A rule for each beginning of a word that a text may end with so far.</summary>
    private static Dictionary<string, string> States(GrammarRules rules, IReadOnlyList<string> words)
    {
        var known = words.SelectMany(word => word).Distinct().ToArray();
        var names = Beginnings(rules, words);
        foreach (var (seen, name) in names)
        {
            rules.Work.Take(known.Length);
            var steps = known.ToLookup(one => SeenAfter(names, words, seen + one), one => (int)one, StringComparer.Ordinal);
            var others = CharacterSet.Of(steps.Where(step => step.Key != "").SelectMany(step => step)).Complement();
            var alternatives = new List<string> { "\"\"", $"{others.ToClass()} {names[""]}" };
            foreach (var step in steps.Where(step => step.Key is not (null or "")))
                alternatives.Add($"{CharacterSet.Of(step).ToClass()} {names[step.Key!]}");
            rules.Fill(name, Gbnf.Choice(alternatives));
        }
        return names;
    }

    /// <summary>The longest beginning of a word that the text ends with; null where a word has come to its end.</summary>
    private static string? SeenAfter(Dictionary<string, string> beginnings, IReadOnlyList<string> words, string text)
    {
        if (words.Any(word => text.EndsWith(word, StringComparison.Ordinal))) return null;
        for (var from = 0; from < text.Length; from++)
            if (beginnings.ContainsKey(text[from..])) return text[from..];
        return "";
    }
}
