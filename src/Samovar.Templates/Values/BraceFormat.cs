using System.Globalization;
using System.Text;

namespace Samovar.Templates.Values;

/// <summary>The texts with holes of <c>str.format</c>: <c>'{}'.format(x)</c>.</summary>
/// <param name="context">The render.</param>
/// <param name="arguments">What is written into the holes.</param>
/// <param name="isMarkup">Whether what is written is escaped.</param>
internal sealed class BraceFormat(RenderContext context, CallArguments arguments, bool isMarkup)
{
    private const int DepthMax = 2;
    private int _next; // of the holes without a name; -1 when they are numbered

    public string Fill(string format) => Fill(format, DepthMax);

    private string Fill(string format, int depth)
    {
        if (depth == 0)
            throw new TemplateException("The holes of a format stand too deep inside each other.");
        var text = new StringBuilder();
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
            var end = format[at] == '{' ? EndOf(format, at) : -1;
            if (end < 0)
                throw new TemplateException("The format has a single brace.");
            text.Append(Hole(format[(at + 1)..end], depth));
            context.Meter.Step();
            at = end;
        }
        return text.ToString();
    }

    private static int EndOf(string format, int at)
    {
        var open = 0;
        for (; at < format.Length; at++)
        {
            open += format[at] switch { '{' => 1, '}' => -1, _ => 0 };
            if (open == 0)
                return at;
        }
        return -1;
    }

    private string Hole(string hole, int depth)
    {
        var end = NameEnd(hole);
        var value = Value(hole[..end]);
        var conversion = '\0';
        if (end < hole.Length && hole[end] == '!')
        {
            if (end + 2 > hole.Length - 0 || (end + 2 < hole.Length && hole[end + 2] != ':'))
                throw new TemplateException("A conversion is one letter.");
            conversion = hole[end + 1];
            end += 2;
        }
        var specification = end < hole.Length ? Fill(hole[(end + 1)..], depth - 1) : "";
        return Written(Converted(value, conversion), specification);
    }

    private static int NameEnd(string hole)
    {
        var isIndex = false;
        for (var at = 0; at < hole.Length; at++)
        {
            if (hole[at] is ':' or '!' && !isIndex)
                return at;
            isIndex = hole[at] == '[' || (isIndex && hole[at] != ']');
        }
        return hole.Length;
    }

    private TemplateValue Value(string name)
    {
        var end = name.AsSpan().IndexOfAny('.', '[') is var found && found < 0 ? name.Length : found;
        var value = First(name[..end]);
        for (var at = end; at < name.Length;)
        {
            var isAttribute = name[at] == '.';
            var stop = isAttribute
                ? name.AsSpan(at + 1).IndexOfAny('.', '[') is var next && next < 0 ? name.Length : at + 1 + next
                : name.IndexOf(']', at);
            if (stop <= at + 1 || (!isAttribute && name[at] != '['))
                throw new TemplateException("The name of a hole is cut short.");
            value = context.Read(value, name[(at + 1)..stop], isAttribute);
            at = isAttribute ? stop : stop + 1;
        }
        return value;
    }

    private TemplateValue First(string name)
    {
        if (name.Length == 0)
        {
            if (_next < 0)
                throw new TemplateException("The holes of a format are numbered, or they are not.");
            return arguments.Require(_next++, "");
        }
        if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            return arguments.Require(int.MaxValue, name);
        if (_next > 0)
            throw new TemplateException("The holes of a format are numbered, or they are not.");
        _next = -1;
        return arguments.Require(index, "");
    }

    private TemplateValue Converted(TemplateValue value, char conversion) => conversion switch
    {
        '\0' => value,
        's' => new TemplateValue.Text(context.TextOf(value)),
        'r' => new TemplateValue.Text(PythonText.ReprOf(context, value)),
        'a' => new TemplateValue.Text(PythonText.AsciiOf(context, value)),
        _ => throw new TemplateException($"The conversion '{conversion}' is not known."),
    };

    private string Written(TemplateValue value, string specification)
    {
        if (!isMarkup)
            return FormatSpecification.Write(context, value, specification);
        if (value is not TemplateValue.Text { IsMarkup: true } markup)
            return Markup.Escape(FormatSpecification.Write(context, value, specification));
        return specification.Length == 0 ? markup.Value : throw new TemplateException("Markup takes no specification.");
    }
}
