using System.Text.RegularExpressions;
using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary>The filter <c>urlize</c>: addresses in a text become links.</summary>
internal sealed partial class Links
{
    private static readonly (string Open, string Close)[] Brackets = [("(", ")"), ("<", ">"), ("&lt;", "&gt;")];

    private readonly string _attributes;
    private readonly int? _shownMax;
    private readonly List<string> _schemes = [];

    public Links(RenderContext context, CallArguments arguments)
    {
        _shownMax = arguments.FindInt(0, "trim_url_limit");
        var relations = (arguments.FindText(3, "rel") ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Append("noopener");
        if (arguments.IsTrue(1, "nofollow"))
            relations = relations.Append("nofollow");
        var target = arguments.FindText(2, "target");
        var ordered = string.Join(' ', relations.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        _attributes = $" rel=\"{Markup.Escape(ordered)}\""
            + (target is { Length: > 0 } ? $" target=\"{Markup.Escape(target)}\"" : "");
        if (arguments.Find(4, "extra_schemes") is not (null or TemplateValue.None) and var schemes)
            _schemes.AddRange(context.ItemsOf(schemes).Select(Scheme));
    }

    /// <param name="escaped">The text, escaped.</param>
    public string Of(string escaped) => string.Concat(Words().Split(escaped).Select(Word));

    private static string Scheme(TemplateValue value) => value is TemplateValue.Text text && Schemes().IsMatch(text.Value)
        ? text.Value
        : throw new TemplateException("An address begins with a scheme and a colon.");

    private string Word(string word)
    {
        var head = Heads().Match(word).Value;
        var middle = word[head.Length..];
        var tail = Tails().Match(middle).Value;
        middle = middle[..^tail.Length];
        foreach (var (open, close) in Brackets)
            Balance(ref middle, ref tail, open, close);
        return head + Linked(middle) + tail;
    }

    /// <summary>A closing bracket behind an address belongs to it where an opening one is in it.</summary>
    private static void Balance(ref string middle, ref string tail, string open, string close)
    {
        var opened = middle.AsSpan().Count(open);
        if (opened <= middle.AsSpan().Count(close))
            return;
        for (var moves = Math.Min(opened, tail.AsSpan().Count(close)); moves > 0; moves--)
        {
            var end = tail.IndexOf(close, StringComparison.Ordinal) + close.Length;
            middle += tail[..end];
            tail = tail[end..];
        }
    }

    private string Linked(string middle)
    {
        if (Addresses().IsMatch(middle))
        {
            var isWhole = middle.StartsWith("https://", StringComparison.Ordinal) || middle.StartsWith("http://", StringComparison.Ordinal);
            return $"<a href=\"{(isWhole ? "" : "https://")}{middle}\"{_attributes}>{Shown(middle)}</a>";
        }
        if (middle.StartsWith("mailto:", StringComparison.Ordinal) && Mails().IsMatch(middle[7..]))
            return $"<a href=\"{middle}\">{middle[7..]}</a>";
        if (!middle.StartsWith("www.", StringComparison.Ordinal) && !middle.Contains(':') && Mails().IsMatch(middle))
            return $"<a href=\"mailto:{middle}\">{middle}</a>";
        foreach (var scheme in _schemes)
        {
            if (middle.Length > scheme.Length && middle.StartsWith(scheme, StringComparison.Ordinal))
                middle = $"<a href=\"{middle}\"{_attributes}>{middle}</a>";
        }
        return middle;
    }

    private string Shown(string address) => _shownMax is { } most && CodePoints.Count(address) > most
        ? CodePoints.Take(address, most < 0 ? Math.Max(0, CodePoints.Count(address) + most) : most) + "..."
        : address;

    [GeneratedRegex(@"(?<space>\s+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: RegexTime.MillisecondsMax)]
    private static partial Regex Words();

    [GeneratedRegex(@"^([(<]|&lt;)+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: RegexTime.MillisecondsMax)]
    private static partial Regex Heads();

    [GeneratedRegex(@"([)>.,\n]|&gt;)+\z", RegexOptions.RightToLeft | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: RegexTime.MillisecondsMax)]
    private static partial Regex Tails();

    [GeneratedRegex(@"^([\w.+-]{2,}:(/){0,2})\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: RegexTime.MillisecondsMax)]
    private static partial Regex Schemes();

    [GeneratedRegex(@"^\S+@\w[\w.-]*\.\w+\z", RegexOptions.NonBacktracking)]
    private static partial Regex Mails();

    [GeneratedRegex(
        """
        ^(
            (https?://|www\.)(([\w%-]+\.)+)?([a-z]{2,63}|xn--[\w%]{2,59})
            | ([\w%-]{2,63}\.)+(com|net|int|edu|gov|org|info|mil)
            | (https?://)((([\d]{1,3})(\.[\d]{1,3}){3})|(\[([\da-f]{0,4}:){2}([\da-f]{0,4}:?){1,6}\]))
        )(?::[\d]{1,5})?(?:[/?\#]\S*)?\z
        """,
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace
            | RegexOptions.CultureInvariant)]
    private static partial Regex Addresses();
}
