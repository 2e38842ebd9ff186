namespace Samovar.Grammars.Rules;

/// <summary>What flags and the language around it make of a regular expression.</summary>
/// <param name="IgnoresCase">Letters stand for both cases.</param>
/// <param name="DotIsAll">A dot is any character.</param>
/// <param name="IsPython">A dot is all but the line feed; what is outside of a class is held to ASCII, where the languages agree.</param>
internal sealed record PatternMeaning(bool IgnoresCase = false, bool DotIsAll = false, bool IsPython = false)
{
    public static readonly PatternMeaning Schema = new();

    /// <summary>A character that stands in a text only where the expression names it alone; null for none.</summary>
    public char? Rare { get; init; }
}

/// <summary>Sets of characters in both cases.</summary>
internal static class PatternCases
{
    private const int LetterMax = 0x24F; // Latin; other letters stand for themselves

    public static CharacterSet Both(CharacterSet set)
    {
        var others = Enumerable.Range('A', LetterMax - 'A' + 1).Where(set.Contains)
            .SelectMany(code => new[] { char.ToUpperInvariant((char)code), char.ToLowerInvariant((char)code) }).Select(one => (int)one);
        return set.With(CharacterSet.Of(others));
    }
}
