using System.Globalization;

namespace Samovar.Templates.Values;

/// <summary>Words that a <see cref="TextWatch"/> knows again in whatever a template makes of them.</summary>
/// <remarks>
/// Their digits stay through any change of case and any escaping; what stands before the digits does not, so that a text that was changed
/// can be told from one that is as it was said. No template looks for them.
/// </remarks>
internal static class WatchedWords
{
    public const string TextDigits = "73104600", NameDigits = "86295100", ArgumentDigits = "59471300";

    private const string TextStart = "q\"&Zw", NameStart = "dO_q";

    public static string Text(int at) => Word(TextStart + TextDigits, at);

    public static string Name(int at) => Word(NameStart + NameDigits, at);

    public static string Argument(int at) => Word(ArgumentDigits, at);

    public static bool AreIn(string text) => Contains(text, TextDigits) || Contains(text, NameDigits) || Contains(text, ArgumentDigits);

    /// <summary>Whether all of them are as they were said.</summary>
    public static bool AreUnchanged(string text)
    {
        text = text.Replace(HostMarks.Cut.ToString(), "", StringComparison.Ordinal);
        return Count(text, TextDigits) == Count(text, TextStart + TextDigits)
            && Count(text, NameDigits) == Count(text, NameStart + NameDigits);
    }

    public static bool Contains(string text, string digits) => text.Contains(digits, StringComparison.Ordinal);

    private static string Word(string start, int at) => string.Create(CultureInfo.InvariantCulture, $"{start}{at:0000}v");

    private static int Count(string text, string part) => text.AsSpan().Count(part);
}
