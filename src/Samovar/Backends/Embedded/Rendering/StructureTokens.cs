using System.Text;
using Samovar.Engine;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Which tokens of a vocabulary are structure in a prompt.</summary>
/// <remarks>
/// (1) What the vocabulary calls control, what ends a generation, and what is read only where specials are. (2) Tokens of any other kind
/// that are found before words are, where they look like a tag, but for those of HTML: some vocabularies have these for ordinary text.
/// (3) What the template writes: tokens found before words, and any that look like a tag. Space alone is never structure.
/// </remarks>
internal static class StructureTokens
{
    private static readonly HashSet<string> HtmlNames = new(StringComparer.OrdinalIgnoreCase)
    {
        "a", "article", "aside", "b", "blockquote", "body", "br", "button", "caption", "code", "col", "dd", "del", "details", "div", "dl",
        "dt", "em", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr", "html", "i",
        "img", "input", "ins", "kbd", "label", "li", "link", "main", "mark", "meta", "nav", "ol", "option", "p", "pre", "s", "script",
        "section", "select", "small", "span", "strike", "strong", "style", "sub", "summary", "sup", "svg", "table", "tbody", "td",
        "textarea", "tfoot", "th", "thead", "title", "tr", "tt", "u", "ul", "var", "video",
    };

    /// <summary>Structure under whatever template. :: 1-2</summary>
    public static IReadOnlyCollection<string> Always(ITokenizer tokenizer) => Of(tokenizer, static (_, _) => false);

    /// <summary>Structure of one template.</summary>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="source">What it may write.</param>
    /// <param name="rendered">What it did write: in a source much looks like a tag.</param>
    public static IReadOnlyCollection<string> Of(ITokenizer tokenizer, string source, IReadOnlyCollection<string> rendered) =>
        Of(tokenizer, (spelling, isSpecial) => (isSpecial && source.Contains(spelling, StringComparison.Ordinal))
            || ((isSpecial || IsTag(spelling)) && rendered.Any(text => text.Contains(spelling, StringComparison.Ordinal))));

    public static string SpellingOf(ITokenizer tokenizer, int token) => Encoding.UTF8.GetString(tokenizer.Piece(token, special: true).Span);

    private static HashSet<string> Of(ITokenizer tokenizer, Func<string, bool, bool> isWritten)
    {
        var spellings = new HashSet<string>(StringComparer.Ordinal);
        for (var token = 0; token < tokenizer.VocabularySize; token++)
        {
            var isSpecial = tokenizer.IsSpecial(token) || tokenizer.IsControl(token) || tokenizer.IsEndOfGeneration(token);
            if (!isSpecial && !IsTag(tokenizer.Piece(token, special: true).Span)) continue;
            var spelling = SpellingOf(tokenizer, token);
            if (spelling.Length < 2 || string.IsNullOrWhiteSpace(spelling)) continue;
            if ((isSpecial && IsAlways(tokenizer, token, spelling)) || isWritten(spelling, isSpecial)) spellings.Add(spelling);
        }
        return spellings;
    }

    private static bool IsAlways(ITokenizer tokenizer, int token, string spelling) =>
        tokenizer.IsControl(token) || tokenizer.IsEndOfGeneration(token) || HasBars(spelling) || (IsTag(spelling) && !IsHtml(spelling))
        || !tokenizer.Tokenize(spelling, addSpecial: false, parseSpecial: false).Contains(token);

    private static bool HasBars(string spelling) =>
        spelling.StartsWith("<|", StringComparison.Ordinal) || spelling.EndsWith("|>", StringComparison.Ordinal)
        || spelling.StartsWith("<｜", StringComparison.Ordinal) || spelling.EndsWith("｜>", StringComparison.Ordinal)
        || spelling.StartsWith("[|", StringComparison.Ordinal) || spelling.EndsWith("|]", StringComparison.Ordinal);

    private static bool IsHtml(string spelling) => HtmlNames.Contains(spelling.Trim().Trim('<', '/', '>'));

    private static bool IsTag(string spelling) => IsTagAlone(spelling.Trim());

    private static bool IsTagAlone(string spelling) => spelling is ['<', _, .., '>'] or ['[', _, .., ']'] && spelling.Any(char.IsLetter);

    private static bool IsTag(ReadOnlySpan<byte> piece) => piece is [(byte)'<', _, .., (byte)'>'] or [(byte)'[', _, .., (byte)']'];
}
