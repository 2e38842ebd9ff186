namespace Samovar.Grammars;

/// <summary>Writes rules for any text in which a given word does not occur.</summary>
/// <remarks>One rule for each number of characters of the word seen last, as in the search of Knuth, Morris and Pratt.</remarks>
internal static class FreeText
{
    public static string Write(GrammarRules rules, string word)
    {
        var known = word.Distinct().ToArray();
        var names = Enumerable.Range(0, word.Length).Select(_ => rules.Reserve("text")).ToArray();
        var others = CharacterSet.Of(known.Select(one => (int)one)).Complement().ToClass();
        for (var seen = 0; seen < word.Length; seen++)
        {
            var alternatives = new List<string> { "\"\"", $"{others} {names[0]}" };
            foreach (var one in known)
            {
                var next = SeenAfter(word, seen, one);
                if (next < word.Length)
                    alternatives.Add($"{Gbnf.Literal(one.ToString())} {names[next]}");
            }
            rules.Fill(names[seen], Gbnf.Choice(alternatives));
        }
        return names[0];
    }

    /// <summary>How much of the word's beginning stands at the end, after one more character.</summary>
    private static int SeenAfter(string word, int seen, char one)
    {
        var text = word[..seen] + one;
        var length = Math.Min(text.Length, word.Length);
        while (!text.EndsWith(word[..length], StringComparison.Ordinal))
            length--;
        return length;
    }
}
