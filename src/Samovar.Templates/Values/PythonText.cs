using System.Globalization;
using System.Text;

namespace Samovar.Templates.Values;

/// <summary>Writes values as Python's <c>str()</c> and <c>repr()</c> do.</summary>
internal static class PythonText
{
    /// <summary>The text of a value as <c>str()</c> gives it.</summary>
    public static string TextOf(this RenderContext context, TemplateValue value)
    {
        if (value is TemplateValue.Text text)
            return text.Value;
        var mark = context.Buffer.Length;
        Write(context, value);
        return context.Buffer.Cut(mark);
    }

    /// <summary>As <c>str()</c>: a text stands without quotes, an undefined value is nothing.</summary>
    public static void Write(RenderContext context, TemplateValue value)
    {
        switch (value)
        {
            case TemplateValue.Text text: context.Buffer.Write(text.Value); break;
            case TemplateValue.Undefined: break;
            default: WriteRepr(context, value); break;
        }
    }

    /// <summary>As <c>repr()</c>.</summary>
    public static string ReprOf(RenderContext context, TemplateValue value)
    {
        var mark = context.Buffer.Length;
        WriteRepr(context, value);
        return context.Buffer.Cut(mark);
    }

    /// <summary>As <c>ascii()</c>.</summary>
    public static string AsciiOf(RenderContext context, TemplateValue value)
    {
        var text = new StringBuilder();
        foreach (var rune in ReprOf(context, value).EnumerateRunes())
            text.Append(rune.IsAscii ? rune.ToString() : Escape(rune.Value));
        return text.ToString();
    }

    public static void WriteRepr(RenderContext context, TemplateValue value)
    {
        context.Meter.Enter();
        var buffer = context.Buffer;
        switch (value)
        {
            case TemplateValue.None: buffer.Write("None"); break;
            case TemplateValue.Undefined: buffer.Write("Undefined"); break;
            case TemplateValue.Bool flag: buffer.Write(flag.Value ? "True" : "False"); break;
            case TemplateValue.Int whole: buffer.Write(whole.Value.ToString(CultureInfo.InvariantCulture)); break;
            case TemplateValue.LargeInt large: buffer.Write(Numbers.Text(large.Value)); break;
            case TemplateValue.Float number: buffer.Write(number.Source ?? PythonNumbers.Repr(number.Value)); break;
            case TemplateValue.Text { IsMarkup: true } markup: WriteMarkup(buffer, markup.Value); break;
            case TemplateValue.Text text: WriteQuoted(buffer, text.Value); break;
            case TemplateValue.List list: WriteList(context, list); break;
            case TemplateValue.Map map: WriteMap(context, map.Entries); break;
            case TemplateValue.Namespace known: WriteNamespace(context, known); break;
            case TemplateFunction { Printed: { } printed }: buffer.Write(printed()); break;
            default: buffer.Write($"<{TypeName(value)}>"); break;
        }
        context.Meter.Leave();
    }

    public static string TypeName(TemplateValue value) => value switch
    {
        TemplateValue.None => "none",
        TemplateValue.Undefined => "undefined",
        TemplateValue.Bool => "bool",
        TemplateValue.Int or TemplateValue.LargeInt => "int",
        TemplateValue.Float => "float",
        TemplateValue.Text => "text",
        TemplateValue.List { View: SequenceView.MapPart part } => part.TypeName,
        TemplateValue.List { View: SequenceView.Range } => "range",
        TemplateValue.List list => list.IsTuple ? "tuple" : "list",
        TemplateValue.Stream => "generator",
        TemplateValue.Map => "map",
        TemplateValue.Namespace => "namespace",
        TemplateValue.Attributed attributed => attributed.TypeName,
        _ => "function",
    };

    private static void WriteList(RenderContext context, TemplateValue.List list)
    {
        switch (list.View)
        {
            case SequenceView.Range range:
                var step = range.Step.IsOne ? "" : $", {range.Step}";
                context.Buffer.Write($"range({range.Start}, {range.Stop}{step})");
                return;
            case SequenceView.MapPart part:
                context.Buffer.Write($"{part.TypeName}(");
                WriteItems(context, list.Items, '[', ']');
                context.Buffer.Write(')');
                return;
            case null when list.IsTuple:
                WriteItems(context, list.Items, '(', ')');
                return;
            default:
                WriteItems(context, list.Items, '[', ']');
                return;
        }
    }

    private static void WriteItems(RenderContext context, List<TemplateValue> items, char open, char close)
    {
        context.Buffer.Write(open);
        for (var at = 0; at < items.Count; at++)
        {
            if (at > 0)
                context.Buffer.Write(", ");
            WriteRepr(context, items[at]);
        }
        if (open == '(' && items.Count == 1)
            context.Buffer.Write(',');
        context.Buffer.Write(close);
    }

    private static void WriteMap(RenderContext context, MapEntries entries)
    {
        context.Buffer.Write('{');
        var separator = "";
        foreach (var (key, value) in entries)
        {
            context.Buffer.Write(separator);
            WriteRepr(context, key);
            context.Buffer.Write(": ");
            WriteRepr(context, value);
            separator = ", ";
        }
        context.Buffer.Write('}');
    }

    private static void WriteNamespace(RenderContext context, TemplateValue.Namespace known)
    {
        context.Buffer.Write("<Namespace ");
        WriteMap(context, known.Attributes);
        context.Buffer.Write('>');
    }

    private static void WriteMarkup(RenderBuffer buffer, string text)
    {
        buffer.Write("Markup(");
        WriteQuoted(buffer, text);
        buffer.Write(')');
    }

    private static void WriteQuoted(RenderBuffer buffer, string text)
    {
        var quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        buffer.Write(quote);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value == quote || rune.Value == '\\')
                buffer.Write('\\');
            if (PythonChars.IsPrintable(rune))
                Write(buffer, rune);
            else
                buffer.Write(Escape(rune.Value));
        }
        buffer.Write(quote);
    }

    private static void Write(RenderBuffer buffer, Rune rune)
    {
        Span<char> chars = stackalloc char[2];
        buffer.Write(chars[..rune.EncodeToUtf16(chars)]);
    }

    private static string Escape(int code) => code switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        <= 0xFF => "\\x" + code.ToString("x2", CultureInfo.InvariantCulture),
        <= 0xFFFF => "\\u" + code.ToString("x4", CultureInfo.InvariantCulture),
        _ => "\\U" + code.ToString("x8", CultureInfo.InvariantCulture),
    };
}
