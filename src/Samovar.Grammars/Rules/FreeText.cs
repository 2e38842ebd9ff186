namespace Samovar.Grammars.Rules;

/// <summary>Writes rules for any text in which given words do not occur.</summary>
/// <remarks>
/// One rule for each beginning of a word that was seen last, as in the search of Aho and Corasick. The fewer ways on a rule has, the less
/// there is to follow for each token of a vocabulary.
/// </remarks>
internal static class FreeText
{
    /// <param name="rules">Where the rules are added.</param>
    /// <param name="words">Words that do not occur, none of them empty.</param>
    public static string Write(GrammarRules rules, params IReadOnlyList<string> words)
    {
        var known = words.SelectMany(word => word).Distinct().ToArray();
        var names = words.SelectMany(word => Enumerable.Range(0, word.Length).Select(length => word[..length]))
            .Distinct(StringComparer.Ordinal).ToDictionary(seen => seen, _ => rules.Reserve("text"), StringComparer.Ordinal);
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
        return names[""];
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
