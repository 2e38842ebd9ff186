using System.Globalization;
using System.Text;

namespace Samovar.Templates.Values;

/// <summary>What Python says of single characters.</summary>
internal static class PythonChars
{
    private const string HanNumbers =
        "\u3405\u3483\u382A\u3B4D\u4E00\u4E03\u4E07\u4E09\u4E5D\u4E8C\u4E94\u4E96\u4EBF\u4EC0\u4EDF\u4EE8\u4F0D\u4F70"
        + "\u5104\u5146\u5169\u516B\u516D\u5341\u5343\u5344\u5345\u534C\u53C1\u53C2\u53C3\u53C4\u56DB\u58F1\u58F9\u5E7A"
        + "\u5EFE\u5EFF\u5F0C\u5F0D\u5F0E\u5F10\u62FE\u634C\u67D2\u6F06\u7396\u767E\u8086\u842C\u8CAE\u8CB3\u8D30\u9621"
        + "\u9646\u964C\u9678\u96F6\uF96B\uF973\uF978\uF9B2\uF9D1\uF9D3\uF9FD\U00020001\U00020064\U000200E2\U00020121"
        + "\U0002092A\U00020983\U0002098C\U0002099C\U00020AEA\U00020AFD\U00020B19\U00022390\U00022998\U00023B1B\U0002626D"
        + "\U0002F890";

    public static bool IsSpace(char one) => char.IsWhiteSpace(one) || one is >= '\u001c' and <= '\u001f';

    public static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text) => TrimEnd(TrimStart(text));

    public static ReadOnlySpan<char> TrimStart(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty && IsSpace(text[0]))
            text = text[1..];
        return text;
    }

    public static ReadOnlySpan<char> TrimEnd(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty && IsSpace(text[^1]))
            text = text[..^1];
        return text;
    }

    public static bool IsLetter(Rune rune) => Rune.IsLetter(rune);

    public static bool IsDecimal(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber;

    /// <summary>Digits, and those written high, low or in a circle.</summary>
    public static bool IsDigit(Rune rune) => CharUnicodeInfo.GetDigitValue(rune.ToString(), 0) >= 0;

    public static bool IsNumeric(Rune rune) =>
        IsDigit(rune) || CharUnicodeInfo.GetNumericValue(rune.ToString(), 0) != -1 || IsHanNumber(rune);

    /// <summary>Characters that Unihan has as numbers, which .NET's table has not.</summary>
    private static bool IsHanNumber(Rune rune) => rune.Value >= 0x3405 && HanNumbers.Contains(rune.ToString(), StringComparison.Ordinal);

    public static bool IsLetterOrNumber(Rune rune) => IsLetter(rune) || IsNumeric(rune);

    /// <summary>As <c>\w</c>.</summary>
    public static bool IsWord(Rune rune) => rune.Value == '_' || IsLetterOrNumber(rune);

    public static bool IsPrintable(Rune rune) => rune.Value == ' ' || HostMarks.Is(rune.Value) || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.SpaceSeparator);

    public static bool IsLower(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.LowercaseLetter || rune.Value
        is 0xAA or 0xBA or (>= 0x2B0 and <= 0x2B8) or 0x2C0 or 0x2C1 or (>= 0x2E0 and <= 0x2E4) or 0x345 or 0x37A
            or (>= 0x1D2C and <= 0x1D6A)
        or 0x1D78 or (>= 0x1D9B and <= 0x1DBF) or 0x2071 or 0x207F or (>= 0x2090 and <= 0x209C) or (>= 0x2170 and <= 0x217F)
        or (>= 0x24D0 and <= 0x24E9) or 0x2C7C or 0x2C7D or 0xA69C or 0xA69D or 0xA770 or 0xA7F8 or 0xA7F9
        or (>= 0xAB5C and <= 0xAB5F) or 0x10780 or (>= 0x10783 and <= 0x10785) or (>= 0x10787 and <= 0x107B0)
        or (>= 0x107B2 and <= 0x107BA);

    public static bool IsUpper(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.UppercaseLetter || rune.Value
        is (>= 0x2160 and <= 0x216F) or (>= 0x24B6 and <= 0x24CF) or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169)
            or (>= 0x1F170 and <= 0x1F189);

    public static bool IsTitle(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.TitlecaseLetter;

    public static bool IsCased(Rune rune) => IsLower(rune) || IsUpper(rune) || IsTitle(rune);

    /// <summary>Characters between letters that say nothing of their case.</summary>
    public static bool IsCaseIgnorable(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format or UnicodeCategory.ModifierLetter
            or UnicodeCategory.ModifierSymbol
        || rune.Value is '\'' or '.' or ':' or 0xB7 or 0x2018 or 0x2019 or 0x2024 or 0x2027 or 0x387 or 0x55F or 0x5F4;

    public static bool IsIdentifier(string text)
    {
        var isFirst = true;
        foreach (var rune in text.EnumerateRunes())
        {
            var category = Rune.GetUnicodeCategory(rune);
            var starts = rune.Value == '_' || Rune.IsLetter(rune) || category == UnicodeCategory.LetterNumber;
            var follows = category is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
                or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation || rune.Value is 0xB7 or 0x387;
            if (!starts && (isFirst || !follows))
                return false;
            isFirst = false;
        }
        return !isFirst;
    }
}
