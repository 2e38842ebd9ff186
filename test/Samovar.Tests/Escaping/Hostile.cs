using System.Globalization;
using System.Text;

namespace Samovar.Tests.Escaping;

/// <summary>What a stranger might write so that a log, a label or a terminal says or does something else.</summary>
internal static class Hostile
{
    public static readonly string[] Texts =
    [
        "\e[2J\e]0;owned\a", "\u0007bell", "\u009b31mred", "\u0000nul", "\u007fdel", "\bback", "a\rb", "a\nfake: line\n", "a\r\n\tb",
        "\u2028line\u2029paragraph", "\u0085next", "\u202egnihtyreve\u202c", "\u202a\u202b\u202d", "\u2066a\u2067b\u2068c\u2069",
        "\u200f\u200e\u061c",
        "\u200bzero\ufeffwidth", "\u00adsoft", "\ud83d", "\ude00x", "x\ud83d\u001b", "\U000e0041\U000e007f", "resp_ tenant=bob error=",
        "\" tenant=bob x=\"", "\\\" tenant=bob", "a b", "", "=", "ünï 😀 — fine", "\U0001f469\u200d\U0001f4bb",
    ];

    /// <summary>A line that a stranger's text stands in must still be one that can be shown.</summary>
    public static void AssertSafe(string line, params char[] allowed)
    {
        foreach (var rune in line.EnumerateRunes())
        {
            if (rune.IsBmp && allowed.Contains((char)rune.Value)) continue;
            Assert.False(
                Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                    or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate || rune == Rune.ReplacementChar,
                $"U+{rune.Value:X4} in {line}");
        }
    }
}
