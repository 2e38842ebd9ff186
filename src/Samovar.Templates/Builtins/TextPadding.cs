using System.Text;
using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary>The methods that take away or add at the ends of a text, by characters.</summary>
internal static class TextPadding
{
    public static string Strip(string text, string? chars, bool start, bool end)
    {
        if (chars is null)
        {
            var plain = text.AsSpan();
            plain = start ? PythonChars.TrimStart(plain) : plain;
            plain = end ? PythonChars.TrimEnd(plain) : plain;
            return plain.Length == text.Length ? text : plain.ToString();
        }
        var set = chars.EnumerateRunes().ToHashSet();
        var (from, to) = (0, text.Length);
        while (start && from < to && Rune.TryGetRuneAt(text, from, out var first) && set.Contains(first))
            from += first.Utf16SequenceLength;
        while (end && to > from && Rune.DecodeLastFromUtf16(text.AsSpan(from, to - from), out var last, out var length) == 0
            && set.Contains(last))
            to -= length;
        return text[from..to];
    }

    public static TemplateValue.Text Pad(RenderContext context, string self, CallArguments arguments, char align)
    {
        var fill = arguments.Find(1, "fill") is null ? " " : arguments.RequireText(1, "fill");
        if (CodePoints.Count(fill) != 1)
            throw new TemplateException("A text is filled up with one character.");
        return Pad(context, self, arguments.RequireInt(0, "width"), fill, align);
    }

    public static TemplateValue.Text Pad(RenderContext context, string self, int width, string fill, char align)
    {
        var missing = width - (long)CodePoints.Count(self);
        if (missing <= 0)
            return context.Made(self);
        context.Meter.ChargeChars(missing * fill.Length);
        var left = align switch { '<' => 0, '>' => missing, _ => missing / 2 + (missing & width & 1) };
        return context.Made(Repeated(fill, left) + self + Repeated(fill, missing - left));
    }

    public static TemplateValue.Text ZeroFill(RenderContext context, string self, CallArguments arguments)
    {
        var width = arguments.RequireInt(0, "width");
        var sign = self is ['-' or '+', ..] ? self[..1] : "";
        return context.Made(sign + Pad(context, self[sign.Length..], Math.Max(width, sign.Length) - sign.Length, "0", '>').Value);
    }

    public static TemplateValue.Text ExpandTabs(RenderContext context, string self, CallArguments arguments)
    {
        var size = arguments.Find(0, "tabsize") is null ? 8 : arguments.RequireInt(0, "tabsize");
        var text = new StringBuilder();
        var column = 0L;
        foreach (var rune in self.EnumerateRunes())
        {
            if (rune.Value == '\t')
            {
                var count = size > 0 ? size - column % size : 0;
                context.Meter.ChargeChars(text.Length + count);
                text.Append(' ', (int)count);
                column += count;
                continue;
            }
            text.Append(rune.ToString());
            column = rune.Value is '\n' or '\r' ? 0 : column + 1;
        }
        return context.Made(text.ToString());
    }

    private static string Repeated(string fill, long count) => string.Concat(Enumerable.Repeat(fill, (int)count));
}
