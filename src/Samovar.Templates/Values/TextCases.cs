namespace Samovar.Templates.Values;

/// <summary>Upper and lower case, word by word.</summary>
internal static class TextCases
{
    /// <summary>As <c>str.title()</c>: a word begins after anything that is not a letter.</summary>
    public static string Title(string text) => string.Create(text.Length, text, static (chars, source) =>
    {
        var inWord = false;
        for (var at = 0; at < chars.Length; at++)
        {
            chars[at] = inWord ? char.ToLowerInvariant(source[at]) : char.ToUpperInvariant(source[at]);
            inWord = char.IsLetter(source[at]);
        }
    });

    /// <summary>As the filter <c>title</c>: a word begins after a space, a hyphen or an opening bracket.</summary>
    public static string TitleWords(string text) => string.Create(text.Length, text, static (chars, source) =>
    {
        var startsWord = true;
        for (var at = 0; at < chars.Length; at++)
        {
            chars[at] = startsWord ? char.ToUpperInvariant(source[at]) : char.ToLowerInvariant(source[at]);
            startsWord = source[at] is '-' or '(' or '{' or '[' or '<' || char.IsWhiteSpace(source[at]);
        }
    });

    public static string Capitalize(string text) =>
        text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..].ToLowerInvariant();

    public static string Swap(string text) => string.Create(text.Length, text, static (chars, source) =>
    {
        for (var at = 0; at < chars.Length; at++)
            chars[at] = char.IsUpper(source[at]) ? char.ToLowerInvariant(source[at]) : char.ToUpperInvariant(source[at]);
    });

    public static TemplateValue.Bool IsLower(string text) => TemplateValue.Bool.Of(text.Any(char.IsLower) && !text.Any(char.IsUpper));

    public static TemplateValue.Bool IsUpper(string text) => TemplateValue.Bool.Of(text.Any(char.IsUpper) && !text.Any(char.IsLower));
}
