using System.Collections.Frozen;
using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary>The methods of escaped text: what they are given is escaped, and what they give is markup again.</summary>
internal static class MarkupMethods
{
    private static readonly FrozenSet<string> Escaping = new[]
    {
        "capitalize", "title", "lower", "upper", "replace", "ljust", "rjust", "lstrip", "rstrip", "center", "strip", "translate",
            "expandtabs",
        "swapcase", "zfill", "partition", "rpartition",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Splitting =
        new[] { "split", "rsplit", "splitlines" }.ToFrozenSet(StringComparer.Ordinal);

    public static bool Has(string name) =>
        Escaping.Contains(name) || Splitting.Contains(name) || name is "join" or "format" or "striptags" or "unescape";

    public static TemplateValue Call(RenderContext context, TemplateValue.Text self, string name, CallArguments arguments) => name switch
    {
        "join" => Join(context, self, arguments),
        "format" => context.Made(new BraceFormat(context, arguments, isMarkup: true).Fill(self.Value)) with { IsMarkup = true },
        "striptags" => context.Made(MarkupFilters.WithoutTags(self.Value)),
        "unescape" => context.Made(System.Net.WebUtility.HtmlDecode(self.Value)),
        _ when Splitting.Contains(name) => AsMarkup(TextMethods.All[name](context, self.Value, arguments)),
        _ => AsMarkup(TextMethods.All[name](context, self.Value, Escaped(context, arguments))),
    };

    private static TemplateValue.Text Join(RenderContext context, TemplateValue.Text self, CallArguments arguments)
    {
        var items = context.ItemsOf(arguments.Require(0, "iterable"));
        return context.Made(string.Join(self.Value, items.Select(item => Markup.Escaped(context, item)))) with { IsMarkup = true };
    }

    private static CallArguments Escaped(RenderContext context, CallArguments arguments) => new(
        Array.ConvertAll(arguments.Positional, value => value is TemplateValue.Text ? Markup.Of(context, value) : value),
        Array.ConvertAll(arguments.Named, pair => pair.Value is TemplateValue.Text ? new(pair.Key, Markup.Of(context, pair.Value)) : pair));

    private static TemplateValue AsMarkup(TemplateValue value) => value switch
    {
        TemplateValue.Text text => text with { IsMarkup = true },
        TemplateValue.List list => list with { Items = list.Items.ConvertAll(AsMarkup) },
        _ => value,
    };
}
