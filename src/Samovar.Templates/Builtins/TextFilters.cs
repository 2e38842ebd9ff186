using System.Globalization;
using System.Text;
using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary>Filters that take any value as text and give text.</summary>
internal static class TextFilters
{
    private const int WidthMax = 10_000;

    public static readonly Dictionary<string, TemplateFilter> All = new(StringComparer.Ordinal)
    {
        ["trim"] = OnText((text, arguments) => Trim(text, arguments.FindText(0, "chars"))),
        ["upper"] = OnText((text, _) => text.ToUpperInvariant()),
        ["lower"] = OnText((text, _) => text.ToLowerInvariant()),
        ["title"] = OnText((text, _) => TextCases.TitleWords(text)),
        ["capitalize"] = OnText((text, _) => TextCases.Capitalize(text)),
        ["center"] = OnText((text, arguments) => Center(text, Math.Min(arguments.FindInt(0, "width") ?? 80, WidthMax))),
        ["e"] = OnText((text, _) => Escape(text)),
        ["escape"] = OnText((text, _) => Escape(text)),
        ["forceescape"] = OnText((text, _) => Escape(text)),
        ["urlencode"] = UrlEncode,
        ["indent"] = (context, input, arguments) => context.Made(Indent(context, context.TextOf(input), arguments)),
        ["truncate"] = OnText(Truncate),
        ["replace"] = (context, input, arguments) => Replace(context, context.TextOf(input), arguments),
        ["format"] = Format,
        ["wordcount"] = (context, input, _) => new TemplateValue.Int(WordCount(context.TextOf(input))),
    };

    public static TemplateValue.Text Replace(RenderContext context, string text, CallArguments arguments)
    {
        var old = context.TextOf(arguments.Require(0, "old"));
        var fresh = context.TextOf(arguments.Require(1, "new"));
        var count = arguments.FindInt(2, "count") is { } most and >= 0 ? most : int.MaxValue;
        var mark = context.Buffer.Length;
        var remaining = text.AsSpan();
        if (old.Length == 0)
            remaining = Weave(context, text, fresh, count);
        for (; count > 0 && old.Length > 0 && remaining.IndexOf(old) is >= 0 and var at; count--)
        {
            context.Buffer.Write(remaining[..at]);
            context.Buffer.Write(fresh);
            remaining = remaining[(at + old.Length)..];
        }
        context.Buffer.Write(remaining);
        return context.Made(context.Buffer.Cut(mark));
    }

    public static string Center(string text, int width)
    {
        var missing = width - text.Length;
        if (missing <= 0)
            return text;
        var left = missing / 2 + (missing & width & 1);
        return new string(' ', left) + text + new string(' ', missing - left);
    }

    private static TemplateFilter OnText(Func<string, CallArguments, string> change) =>
        (context, input, arguments) => context.Made(change(context.TextOf(input), arguments));

    /// <summary>An empty text occurs before every character and at the end.</summary>
    private static ReadOnlySpan<char> Weave(RenderContext context, string text, string fresh, int count)
    {
        var parts = CodePoints.Split(text);
        context.Meter.ChargeItems(parts.Count);
        var at = 0;
        for (; at < parts.Count && at < count; at++)
        {
            context.Buffer.Write(fresh);
            context.Buffer.Write(parts[at]);
        }
        if (at < count)
            context.Buffer.Write(fresh);
        return string.Concat(parts.Skip(at));
    }

    private static string Trim(string text, string? chars) =>
        chars is null ? text.Trim() : chars.Length == 0 ? text : text.Trim(chars.ToCharArray());

    private static string Escape(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("'", "&#39;", StringComparison.Ordinal)
        .Replace("\"", "&#34;", StringComparison.Ordinal);

    private static TemplateValue.Text UrlEncode(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        if (input is not TemplateValue.Map map)
            return context.Made(Quote(context.TextOf(input), keepSlash: true));
        return context.Made(string.Join('&', map.Entries.Select(entry =>
            Quote(entry.Key, keepSlash: false) + "=" + Quote(context.TextOf(entry.Value), keepSlash: false))));
    }

    private static string Quote(string text, bool keepSlash)
    {
        var quoted = new StringBuilder();
        foreach (var one in Encoding.UTF8.GetBytes(text))
        {
            if (char.IsAsciiLetterOrDigit((char)one) || "_.-~".Contains((char)one) || (keepSlash && one == '/'))
                quoted.Append((char)one);
            else
                quoted.Append('%').Append(one.ToString("X2", CultureInfo.InvariantCulture));
        }
        return quoted.ToString();
    }

    private static string Indent(RenderContext context, string text, CallArguments arguments)
    {
        var indent = arguments.Find(0, "width") is TemplateValue.Text given
            ? given.Value
            : new string(' ', Math.Clamp(arguments.FindInt(0, "width") ?? 4, 0, WidthMax));
        var first = arguments.IsTrue(1, "first");
        var blank = arguments.IsTrue(2, "blank");
        var lines = TextSplits.Lines(text + "\n");
        context.Meter.ChargeChars(text.Length + (long)lines.Count * indent.Length);
        for (var at = 0; at < lines.Count; at++)
        {
            if (at == 0 ? first : blank || lines[at].Length > 0)
                lines[at] = indent + lines[at];
        }
        return string.Join('\n', lines);
    }

    private static string Truncate(string text, CallArguments arguments)
    {
        var length = Math.Max(0, arguments.FindInt(0, "length") ?? 255);
        var end = arguments.FindText(2, "end") ?? "...";
        var leeway = arguments.FindInt(3, "leeway") ?? 5;
        if (text.Length <= (long)length + leeway)
            return text;
        var cut = text[..Math.Max(0, length - end.Length)];
        if (!arguments.IsTrue(1, "killwords") && cut.LastIndexOf(' ') is >= 0 and var space)
            cut = cut[..space];
        return cut + end;
    }

    private static TemplateValue.Text Format(RenderContext context, TemplateValue input, CallArguments arguments) =>
        context.Made(TextFormats.Percent(context, context.TextOf(input), TemplateValue.List.Tuple(arguments.Positional)));

    private static int WordCount(string text)
    {
        var count = 0;
        var inWord = false;
        foreach (var one in text)
        {
            var isWord = char.IsLetterOrDigit(one) || one == '_';
            count += isWord && !inWord ? 1 : 0;
            inWord = isWord;
        }
        return count;
    }
}
