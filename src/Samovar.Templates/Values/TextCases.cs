using System.Text;

namespace Samovar.Templates.Values;

/// <summary>Upper and lower case as Unicode has it, one character to several.</summary>
internal static class TextCases
{
    private const int FinalSigma = 0x3C2;
    private const int Sigma = 0x3C3;
    private const int CapitalSigma = 0x3A3;

    public static string Upper(string text) => IsAscii(text) ? text.ToUpperInvariant() : Each(text, AppendUpper);

    public static string Lower(string text) => IsAscii(text) ? text.ToLowerInvariant() : Each(text, AppendLower);

    public static string Fold(string text) => IsAscii(text) ? text.ToLowerInvariant() : Each(text, (built, runes, at) =>
    {
        var rune = runes[at];
        if (SpecialCases.Fold(rune) is { } folded)
            built.Append(folded);
        else
            built.Append(Rune.ToLowerInvariant(rune).ToString());
    });

    /// <summary>As <c>str.title()</c>: a word begins after anything that has no case.</summary>
    public static string Title(string text) => Each(text, (built, runes, at) =>
    {
        if (at > 0 && PythonChars.IsCased(runes[at - 1]))
            AppendLower(built, runes, at);
        else
            built.Append(TitleOf(runes[at]));
    });

    /// <summary>As the filter <c>title</c>: a word begins after white space, a hyphen or an opening bracket.</summary>
    public static string TitleWords(string text)
    {
        var built = new StringBuilder();
        for (var at = 0; at < text.Length;)
        {
            var end = at;
            for (var separates = Separates(text[at]); end < text.Length && Separates(text[end]) == separates;)
                end++;
            var first = at + (char.IsHighSurrogate(text[at]) && at + 1 < end ? 2 : 1);
            built.Append(Upper(text[at..first])).Append(Lower(text[first..end]));
            at = end;
        }
        return built.ToString();
    }

    public static string Capitalize(string text) => Each(text, (built, runes, at) =>
    {
        if (at == 0)
            built.Append(TitleOf(runes[0]));
        else
            AppendLower(built, runes, at);
    });

    public static string Swap(string text) => Each(text, (built, runes, at) =>
    {
        if (PythonChars.IsUpper(runes[at]))
            AppendLower(built, runes, at);
        else if (PythonChars.IsLower(runes[at]))
            AppendUpper(built, runes, at);
        else
            built.Append(runes[at].ToString());
    });

    public static bool IsLower(string text) => Are(text, PythonChars.IsLower);

    public static bool IsUpper(string text) => Are(text, PythonChars.IsUpper);

    public static bool IsTitle(string text)
    {
        var isInWord = false;
        var any = false;
        foreach (var rune in text.EnumerateRunes())
        {
            var begins = PythonChars.IsUpper(rune) || PythonChars.IsTitle(rune);
            var goesOn = PythonChars.IsLower(rune);
            if ((begins && isInWord) || (goesOn && !isInWord))
                return false;
            isInWord = begins || goesOn;
            any |= isInWord;
        }
        return any;
    }

    private static bool IsAscii(string text) => System.Text.Ascii.IsValid(text);

    private static bool Separates(char one) => one is '-' or '(' or '{' or '[' or '<' || PythonChars.IsSpace(one);

    private static bool Are(string text, Func<Rune, bool> wanted)
    {
        var any = false;
        foreach (var rune in text.EnumerateRunes())
        {
            if (!PythonChars.IsCased(rune))
                continue;
            if (!wanted(rune))
                return false;
            any = true;
        }
        return any;
    }

    private static string Each(string text, Action<StringBuilder, List<Rune>, int> append)
    {
        var runes = text.EnumerateRunes().ToList();
        var built = new StringBuilder(text.Length);
        for (var at = 0; at < runes.Count; at++)
            append(built, runes, at);
        return built.ToString();
    }

    private static string TitleOf(Rune rune) =>
        SpecialCases.Title(rune) ?? SpecialCases.Upper(rune) ?? Rune.ToUpperInvariant(rune).ToString();

    private static void AppendUpper(StringBuilder built, List<Rune> runes, int at) =>
        built.Append(SpecialCases.Upper(runes[at]) ?? Rune.ToUpperInvariant(runes[at]).ToString());

    private static void AppendLower(StringBuilder built, List<Rune> runes, int at)
    {
        var rune = runes[at];
        if (rune.Value == 0x130)
            built.Append("i\u0307");
        else if (rune.Value == CapitalSigma)
            built.Append((char)(IsFinal(runes, at) ? FinalSigma : Sigma));
        else
            built.Append(Rune.ToLowerInvariant(rune).ToString());
    }

    private static bool IsFinal(List<Rune> runes, int at)
    {
        var before = at - 1;
        while (before >= 0 && PythonChars.IsCaseIgnorable(runes[before]))
            before--;
        var after = at + 1;
        while (after < runes.Count && PythonChars.IsCaseIgnorable(runes[after]))
            after++;
        return before >= 0 && PythonChars.IsCased(runes[before]) && (after >= runes.Count || !PythonChars.IsCased(runes[after]));
    }
}
