using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary>Filters for HTML and addresses.</summary>
internal static partial class MarkupFilters
{
    public static readonly Dictionary<string, TemplateFilter> All = new(StringComparer.Ordinal)
    {
        ["e"] = (context, input, _) => Markup.Of(context, input),
        ["escape"] = (context, input, _) => Markup.Of(context, input),
        ["forceescape"] = (context, input, _) => Safe(context, Markup.Escape(context.TextOf(input))),
        ["safe"] = (context, input, _) => Safe(context, context.TextOf(input)),
        ["striptags"] = (context, input, _) => context.Made(WithoutTags(context.TextOf(input))),
        ["xmlattr"] = Attributes,
        ["urlencode"] = UrlEncode,
        ["urlize"] = (context, input, arguments) => context.Printed(new Links(context, arguments).Of(Markup.Escaped(context, input))),
    };

    /// <summary>Without comments and tags, in one line, and with its entities resolved.</summary>
    public static string WithoutTags(string text)
    {
        var plain = Tags().Replace(Comments().Replace(text, ""), "");
        return System.Net.WebUtility.HtmlDecode(Spaces().Replace(PythonChars.Trim(plain).ToString(), " "));
    }

    private static TemplateValue.Text Safe(RenderContext context, string text) => context.Made(text) with { IsMarkup = true };

    private static TemplateValue.Text Attributes(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        if (input is not TemplateValue.Map map)
            throw new TemplateException($"Attributes are made of a map, not of {PythonText.TypeName(input)}.");
        var written = new List<string>();
        foreach (var (key, value) in map.Entries)
        {
            if (value is TemplateValue.None or TemplateValue.Undefined)
                continue;
            if (key is not TemplateValue.Text name || name.Value.Any(one => PythonChars.IsSpace(one) || one is '/' or '>' or '='))
                throw new TemplateException("The name of an attribute is not one.");
            written.Add($"{Markup.Escaped(context, key)}=\"{Markup.Escaped(context, value)}\"");
        }
        var text = string.Join(' ', written);
        return context.Printed(text.Length > 0 && arguments.IsTrue(0, "autospace", otherwise: true) ? " " + text : text);
    }

    private static TemplateValue.Text UrlEncode(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        if (input is not (TemplateValue.Map or TemplateValue.List or TemplateValue.Stream or TemplateValue.Undefined))
            return context.Made(Quote(context.TextOf(input), inQuery: false));
        var pairs = input is TemplateValue.Map map ? Sequences.Pairs(context, map).Items : context.ItemsOf(input);
        return context.Made(string.Join('&', pairs.Select(pair => context.ItemsOf(pair) is [var key, var value]
            ? Quote(context.TextOf(key), inQuery: true) + "=" + Quote(context.TextOf(value), inQuery: true)
            : throw new TemplateException("A pair has two values."))));
    }

    private static string Quote(string text, bool inQuery)
    {
        var quoted = new StringBuilder();
        foreach (var one in Encoding.UTF8.GetBytes(text))
        {
            if (char.IsAsciiLetterOrDigit((char)one) || "_.-~".Contains((char)one) || (!inQuery && one == '/'))
                quoted.Append((char)one);
            else if (inQuery && one == ' ')
                quoted.Append('+');
            else
                quoted.Append('%').Append(one.ToString("X2", CultureInfo.InvariantCulture));
        }
        return quoted.ToString();
    }

    [GeneratedRegex("<!--.*?-->", RegexOptions.Singleline, matchTimeoutMilliseconds: RegexTime.MillisecondsMax)]
    private static partial Regex Comments();

    [GeneratedRegex("<[^>]*>", RegexOptions.None, matchTimeoutMilliseconds: RegexTime.MillisecondsMax)]
    private static partial Regex Tags();

    [GeneratedRegex(@"[\s\u001c-\u001f]+", RegexOptions.None, matchTimeoutMilliseconds: RegexTime.MillisecondsMax)]
    private static partial Regex Spaces();
}
