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
            case TemplateValue.Float number: buffer.Write(number.Source ?? PythonNumbers.Repr(number.Value)); break;
            case TemplateValue.Text text: WriteQuoted(buffer, text.Value); break;
            case TemplateValue.List list: WriteList(context, list); break;
            case TemplateValue.Map map: WriteMap(context, map); break;
            default: buffer.Write($"<{TypeName(value)}>"); break;
        }
        context.Meter.Leave();
    }

    public static string TypeName(TemplateValue value) => value switch
    {
        TemplateValue.None => "none",
        TemplateValue.Undefined => "undefined",
        TemplateValue.Bool => "bool",
        TemplateValue.Int => "int",
        TemplateValue.Float => "float",
        TemplateValue.Text => "text",
        TemplateValue.List list => list.IsTuple ? "tuple" : "list",
        TemplateValue.Map => "map",
        TemplateValue.Namespace => "namespace",
        TemplateValue.Loop => "loop",
        _ => "function",
    };

    private static void WriteList(RenderContext context, TemplateValue.List list)
    {
        context.Buffer.Write(list.IsTuple ? '(' : '[');
        for (var at = 0; at < list.Items.Count; at++)
        {
            if (at > 0)
                context.Buffer.Write(", ");
            WriteRepr(context, list.Items[at]);
        }
        if (list.IsTuple && list.Items.Count == 1)
            context.Buffer.Write(',');
        context.Buffer.Write(list.IsTuple ? ')' : ']');
    }

    private static void WriteMap(RenderContext context, TemplateValue.Map map)
    {
        context.Buffer.Write('{');
        var separator = "";
        foreach (var (key, value) in map.Entries)
        {
            context.Buffer.Write(separator);
            WriteQuoted(context.Buffer, key);
            context.Buffer.Write(": ");
            WriteRepr(context, value);
            separator = ", ";
        }
        context.Buffer.Write('}');
    }

    private static void WriteQuoted(RenderBuffer buffer, string text)
    {
        var quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        buffer.Write(quote);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value == quote || rune.Value == '\\')
                buffer.Write('\\');
            if (IsPrintable(rune))
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

    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || HostMarks.Is(rune.Value) || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.SpaceSeparator);

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
