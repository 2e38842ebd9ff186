namespace Samovar.Grammars.Rules;

/// <summary>Writes rules for any text in which a given word does not occur.</summary>
/// <remarks>
/// One rule for each number of characters of the word seen last, as in the search of Knuth, Morris and Pratt. The fewer ways on a
/// rule has, the less there is to follow for each token of a vocabulary.
/// </remarks>
internal static class FreeText
{
    public static string Write(GrammarRules rules, string word)
    {
        var known = word.Distinct().ToArray();
        var names = Enumerable.Range(0, word.Length).Select(_ => rules.Reserve("text")).ToArray();
        for (var seen = 0; seen < word.Length; seen++)
        {
            var steps = known.ToLookup(one => SeenAfter(word, seen, one), one => (int)one);
            var others = CharacterSet.Of(steps.Where(step => step.Key > 0).SelectMany(step => step)).Complement();
            var alternatives = new List<string> { "\"\"", $"{others.ToClass()} {names[0]}" };
            foreach (var step in steps.Where(step => step.Key > 0 && step.Key < word.Length))
                alternatives.Add($"{CharacterSet.Of(step).ToClass()} {names[step.Key]}");
            rules.Fill(names[seen], Gbnf.Choice(alternatives));
        }
        return names[0];
    }

    /// <summary>How much of the word's beginning the text ends with, after one more character.</summary>
    private static int SeenAfter(string word, int seen, char one)
    {
        var text = word[..seen] + one;
        var length = Math.Min(text.Length, word.Length);
        while (!text.EndsWith(word[..length], StringComparison.Ordinal))
            length--;
        return length;
    }
}
