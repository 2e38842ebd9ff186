namespace Samovar.Grammars.Rules;

/// <summary>What flags and the language around it make of a regular expression.</summary>
/// <param name="IgnoresCase">Letters stand for both cases.</param>
/// <param name="DotIsAll">A dot is any character.</param>
/// <param name="IsPython">A dot is all but the line feed; what is outside of a class is held to ASCII, where the languages agree.</param>
internal sealed record PatternMeaning(bool IgnoresCase = false, bool DotIsAll = false, bool IsPython = false)
{
    private const string Flags = "imsu";

    public static readonly PatternMeaning Schema = new();
    public static readonly PatternMeaning Python = new(IsPython: true);

    /// <summary>What flags make of it, those behind a minus taken away; null where one is not known.</summary>
    public PatternMeaning? With(string flags)
    {
        var meaning = this;
        var isSet = true;
        foreach (var flag in flags)
        {
            if (flag == '-' && isSet) isSet = false;
            else if (!Flags.Contains(flag)) return null;
            else if (flag == 'i') meaning = meaning with { IgnoresCase = isSet };
            else if (flag == 's') meaning = meaning with { DotIsAll = isSet };
        }
        return meaning;
    }

    /// <summary>An expression without the flags for all of it that it begins with, as <c>(?i)</c>, and what they make of it.</summary>
    public static (string Expression, PatternMeaning Meaning) Leading(string expression, PatternMeaning meaning)
    {
        var end = expression.StartsWith("(?", StringComparison.Ordinal) ? expression.IndexOf(')', StringComparison.Ordinal) : -1;
        return end > 2 && !expression.AsSpan(2, end - 2).Contains('-') && meaning.With(expression[2..end]) is { } with
            ? (expression[(end + 1)..], with) : (expression, meaning);
    }

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
