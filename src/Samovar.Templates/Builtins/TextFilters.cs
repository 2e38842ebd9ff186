using System.Text;
using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary>Filters that take any value as text and give text.</summary>
internal static class TextFilters
{
    private const int UsualWidth = 80;

    public static readonly Dictionary<string, TemplateFilter> All = new(StringComparer.Ordinal)
    {
        ["trim"] = OnText((text, arguments) => TextPadding.Strip(text, arguments.FindText(0, "chars"), start: true, end: true)),
        ["upper"] = OnText((text, _) => TextCases.Upper(text)),
        ["lower"] = OnText((text, _) => TextCases.Lower(text)),
        ["title"] = (context, input, _) => context.Made(TextCases.TitleWords(context.TextOf(input))),
        ["capitalize"] = OnText((text, _) => TextCases.Capitalize(text)),
        ["center"] = (context, input, arguments) =>
            TextPadding.Pad(context, context.TextOf(input), arguments.RequireInt(0, "width", UsualWidth), " ",
                '^') with { IsMarkup = IsMarkup(input) },
        ["indent"] = Indent,
        ["truncate"] = Truncate,
        ["replace"] = Replace,
        ["format"] = Format,
        ["wordwrap"] = WordWrap.Filter,
        ["wordcount"] = (context, input, _) => new TemplateValue.Int(WordCount(context.TextOf(input))),
    };

    private static bool IsMarkup(TemplateValue value) => value is TemplateValue.Text { IsMarkup: true };

    private static TemplateFilter OnText(Func<string, CallArguments, string> change) =>
        (context, input, arguments) => context.Made(change(context.TextOf(input), arguments)) with { IsMarkup = IsMarkup(input) };

    private static TemplateValue.Text Replace(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        var count = arguments.FindInt(2, "count") ?? -1;
        var (old, fresh) = (arguments.Require(0, "old"), arguments.Require(1, "new"));
        if (!context.Escapes)
            return TextSearch.Replace(context, context.TextOf(input), context.TextOf(old), context.TextOf(fresh), count);
        if (IsMarkup(old) || (IsMarkup(fresh) && !IsMarkup(input)))
            input = Markup.Of(context, input);
        if (!IsMarkup(input))
            return TextSearch.Replace(context, context.TextOf(input), context.TextOf(old), context.TextOf(fresh), count);
        return TextSearch.Replace(
            context, context.TextOf(input), Markup.Escaped(context, old), Markup.Escaped(context, fresh), count) with { IsMarkup = true };
    }

    private static TemplateValue.Text Indent(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        if (input is not TemplateValue.Text text)
            throw new TemplateException($"Only a text can be indented, not {PythonText.TypeName(input)}.");
        var indent = arguments.Find(0, "width") is TemplateValue.Text given
            ? given.Value
            : Spaces(context, arguments.RequireInt(0, "width", 4));
        var first = arguments.IsTrue(1, "first");
        var blank = arguments.IsTrue(2, "blank");
        var lines = TextSplits.Lines(text.Value + "\n");
        context.Meter.ChargeChars(text.Value.Length + (long)lines.Count * indent.Length);
        for (var at = 0; at < lines.Count; at++)
        {
            if (at == 0 ? first : blank || lines[at].Length > 0)
                lines[at] = indent + lines[at];
        }
        return context.Made(string.Join('\n', lines)) with { IsMarkup = text.IsMarkup };
    }

    private static string Spaces(RenderContext context, int count)
    {
        context.Meter.ChargeChars(Math.Max(0, count));
        return new string(' ', Math.Max(0, count));
    }

    private static TemplateValue Truncate(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        var length = arguments.RequireInt(0, "length", 255);
        var end = arguments.Find(2, "end") ?? "...";
        var leeway = arguments.FindInt(3, "leeway") ?? 5;
        if (leeway < 0 || length < Sequences.Count(end))
            throw new TemplateException("The length must not be shorter than the text at the end, nor the leeway below zero.");
        if (Sequences.Count(input) <= (long)length + leeway)
            return input;
        if (input is not TemplateValue.Text text || end is not TemplateValue.Text last)
            throw new TemplateException($"Only a text can be cut short, not {PythonText.TypeName(input)}.");
        var cut = CodePoints.Take(text.Value, length - CodePoints.Count(last.Value));
        if (!arguments.IsTrue(1, "killwords") && cut.LastIndexOf(' ') is >= 0 and var space)
            cut = cut[..space];
        return Arithmetic.Compute(context, BinaryOperator.Add, context.Made(cut) with { IsMarkup = text.IsMarkup }, last);
    }

    private static TemplateValue.Text Format(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        if (arguments.Positional.Length > 0 && arguments.Named.Length > 0)
            throw new TemplateException("A format takes values by place or by name, not both.");
        var format = input as TemplateValue.Text ?? new TemplateValue.Text(context.TextOf(input));
        if (arguments.Named.Length == 0)
            return PercentFormat.Fill(context, format, TemplateValue.List.Tuple(arguments.Positional));
        return PercentFormat.Fill(context, format, new TemplateValue.Map(MapEntries.From(arguments.Named)));
    }

    private static int WordCount(string text)
    {
        var count = 0;
        var inWord = false;
        foreach (var one in text.EnumerateRunes())
        {
            var isWord = PythonChars.IsWord(one);
            count += isWord && !inWord ? 1 : 0;
            inWord = isWord;
        }
        return count;
    }
}
