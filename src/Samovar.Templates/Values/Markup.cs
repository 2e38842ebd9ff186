namespace Samovar.Templates.Values;

/// <summary>Texts as they stand in HTML.</summary>
internal static class Markup
{
    /// <summary>The value as text, escaped unless it has been.</summary>
    public static string Escaped(RenderContext context, TemplateValue value) =>
        value is TemplateValue.Text { IsMarkup: true } markup ? markup.Value : Escape(context.TextOf(value));

    public static TemplateValue.Text Of(RenderContext context, TemplateValue value) =>
        context.Made(Escaped(context, value)) with { IsMarkup = true };

    public static string Escape(string text) => text.AsSpan().ContainsAny("&<>'\"") ? text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("'", "&#39;", StringComparison.Ordinal)
        .Replace("\"", "&#34;", StringComparison.Ordinal) : text;
}
