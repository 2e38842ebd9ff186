using System.Globalization;
using System.Text;

namespace Samovar.Templates.Values;

/// <summary>The texts with holes of Python: <c>'%s' % x</c> and <c>'{}'.format(x)</c>, in their plain forms.</summary>
internal static class TextFormats
{
    private const int WidthMax = 1000;

    public static string Percent(RenderContext context, string format, TemplateValue values)
    {
        var items = values is TemplateValue.List { IsTuple: true } tuple ? tuple.Items : [values];
        var used = 0;
        var text = new StringBuilder();
        for (var at = 0; at < format.Length; at++)
        {
            if (format[at] != '%')
            {
                text.Append(format[at]);
                continue;
            }
            var begin = ++at;
            while (at < format.Length && (char.IsAsciiDigit(format[at]) || format[at] is '.' or '-' or '+' or ' '))
                at++;
            if (at >= format.Length)
                throw new TemplateException("The format ends inside of a hole.");
            if (format[at] == '%')
                text.Append('%');
            else if (used < items.Count)
                text.Append(Fill(context, format.AsSpan(begin, at - begin), format[at], items[used++]));
            else
                throw new TemplateException("The format has more holes than values.");
        }
        if (used < items.Count && values is not TemplateValue.Map)
            throw new TemplateException("The format has fewer holes than values.");
        return text.ToString();
    }

    /// <summary><c>{}</c>, <c>{0}</c> and <c>{name}</c>, without conversions and specifications.</summary>
    public static string Braces(RenderContext context, string format, CallArguments arguments)
    {
        var text = new StringBuilder();
        var next = 0;
        for (var at = 0; at < format.Length; at++)
        {
            if (format[at] is not ('{' or '}'))
            {
                text.Append(format[at]);
                continue;
            }
            if (at + 1 < format.Length && format[at + 1] == format[at])
            {
                text.Append(format[at++]);
                continue;
            }
            var end = format.IndexOf('}', at);
            if (format[at] == '}' || end < 0)
                throw new TemplateException("The format has a single brace.");
            text.Append(context.TextOf(Argument(format[(at + 1)..end], arguments, ref next)));
            at = end;
        }
        return text.ToString();
    }

    private static TemplateValue Argument(string hole, CallArguments arguments, ref int next)
    {
        if (hole.Length == 0)
            return arguments.Require(next++, "");
        return int.TryParse(hole, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? arguments.Require(index, "")
            : arguments.Require(int.MaxValue, hole);
    }

    private static string Fill(RenderContext context, ReadOnlySpan<char> flags, char kind, TemplateValue value)
    {
        var point = flags.IndexOf('.');
        var precision = point < 0 ? (int?)null : Size(flags[(point + 1)..]);
        var width = Size((point < 0 ? flags : flags[..point]).TrimStart("-+ 0"));
        var text = kind switch
        {
            's' when precision is { } most && context.TextOf(value) is var whole && whole.Length > most => whole[..most],
            's' => context.TextOf(value),
            'd' or 'i' => ((long)Math.Truncate(Number(value))).ToString(CultureInfo.InvariantCulture),
            'f' => Number(value).ToString("F" + (precision ?? 6), CultureInfo.InvariantCulture),
            'x' => ((long)Number(value)).ToString("x", CultureInfo.InvariantCulture),
            'r' => Repr(context, value),
            _ => throw new TemplateException($"The format '%{kind}' is not known."),
        };
        if (flags.Contains('-'))
            return text.PadRight(width);
        return flags.StartsWith('0') && kind != 's' ? Zeros(text, width) : text.PadLeft(width);
    }

    private static string Zeros(string text, int width) =>
        text.StartsWith('-') ? "-" + text[1..].PadLeft(Math.Max(0, width - 1), '0') : text.PadLeft(width, '0');

    private static int Size(ReadOnlySpan<char> digits)
    {
        if (digits.IsEmpty)
            return 0;
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size <= WidthMax
            ? size
            : throw new TemplateException($"The width in a format must be a number of at most {WidthMax}.");
    }

    private static double Number(TemplateValue value) =>
        Arithmetic.Number(value) ?? throw new TemplateException($"The format needs a number, not {PythonText.TypeName(value)}.");

    private static string Repr(RenderContext context, TemplateValue value)
    {
        var mark = context.Buffer.Length;
        PythonText.WriteRepr(context, value);
        return context.Buffer.Cut(mark);
    }
}
