using System.Globalization;
using System.Numerics;
using System.Text;

namespace Samovar.Templates.Values;

/// <summary>The texts with holes of C and Python: <c>'%s' % x</c>.</summary>
internal sealed class PercentFormat
{
    private readonly RenderContext _context;
    private readonly TemplateValue.Text _format;
    private readonly TemplateValue _values;
    private readonly List<TemplateValue> _items;
    private readonly StringBuilder _text = new();
    private int _at;
    private int _used;

    private PercentFormat(RenderContext context, TemplateValue.Text format, TemplateValue values)
    {
        _context = context;
        _format = format;
        _values = values;
        _items = values is TemplateValue.List { IsTuple: true } tuple ? tuple.Items : [values];
    }

    private readonly record struct Hole(string Flags, int Width, int? Precision, char Kind)
    {
        public bool Has(char flag) => Flags.Contains(flag);
    }

    private string Format => _format.Value;

    public static TemplateValue.Text Fill(RenderContext context, TemplateValue.Text format, TemplateValue values)
    {
        var filled = new PercentFormat(context, format, values).Run();
        return context.Made(filled) with { IsMarkup = format.IsMarkup };
    }

    private string Run()
    {
        while (_at < Format.Length)
        {
            var next = Format.IndexOf('%', _at);
            _text.Append(Format, _at, (next < 0 ? Format.Length : next) - _at);
            if (next < 0)
                break;
            _at = next + 1;
            ReadHole();
            _context.Meter.Step();
        }
        var mayBeUnused = _values is TemplateValue.Map or TemplateValue.Undefined or TemplateValue.List { IsTuple: false };
        if (_used < _items.Count && !mayBeUnused)
            throw new TemplateException("The format has fewer holes than values.");
        return _text.ToString();
    }

    private void ReadHole()
    {
        var name = ReadName();
        var begin = _at;
        while (Peek() is '-' or '+' or ' ' or '#' or '0')
            _at++;
        var flags = Format[begin.._at];
        var width = ReadSize() ?? 0;
        if (width < 0)
            (width, flags) = (-width, flags + "-");
        int? precision = null;
        if (Peek() == '.')
        {
            _at++;
            precision = Math.Max(0, ReadSize() ?? 0);
        }
        while (Peek() is 'h' or 'l' or 'L')
            _at++;
        if (Peek() is not { } kind)
            throw new TemplateException("The format ends inside of a hole.");
        _at++;
        if (kind == '%')
            _text.Append('%');
        else
            Append(name is null ? Next() : Named(name), new Hole(flags, width, precision, kind));
    }

    private char? Peek() => _at < Format.Length ? Format[_at] : null;

    private string? ReadName()
    {
        if (Peek() != '(')
            return null;
        var begin = _at + 1;
        for (var open = 0; _at < Format.Length; _at++)
        {
            open += Format[_at] switch { '(' => 1, ')' => -1, _ => 0 };
            if (open == 0)
                return Format[begin.._at++];
        }
        throw new TemplateException("The name of a hole has no end.");
    }

    private TemplateValue Named(string name) => _values switch
    {
        TemplateValue.Map map => map.Entries.Find(name) ?? throw new TemplateException($"The format's value '{name}' is missing."),
        TemplateValue.Undefined undefined => throw undefined.Fault(),
        _ => throw new TemplateException("A format with names needs a map."),
    };

    private int? ReadSize()
    {
        if (Peek() == '*')
        {
            _at++;
            return (int)(Numbers.Whole(Next()) is { } given && BigInteger.Abs(given) <= FloatFormat.SizeMax ? given : throw TooWide());
        }
        var begin = _at;
        while (Peek() is >= '0' and <= '9')
            _at++;
        if (begin == _at)
            return null;
        return int.TryParse(Format.AsSpan(begin, _at - begin), NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            && size <= FloatFormat.SizeMax ? size : throw TooWide();
    }

    private TemplateValue Next() =>
        _used < _items.Count ? _items[_used++] : throw new TemplateException("The format has more holes than values.");

    private void Append(TemplateValue value, Hole hole)
    {
        var (sign, body) = hole.Kind switch
        {
            's' => ("", Cut(_format.IsMarkup ? Markup.Escaped(_context, value) : _context.TextOf(value), hole.Precision)),
            'r' or 'a' => ("", Cut(Repr(value, hole.Kind), hole.Precision)),
            'c' => ("", Character(value)),
            'd' or 'i' or 'u' or 'o' or 'x' or 'X' => Whole(value, hole),
            'e' or 'E' or 'f' or 'F' or 'g' or 'G' => Fraction(value, hole),
            _ => throw new TemplateException($"The format '%{hole.Kind}' is not known."),
        };
        var missing = Math.Max(0, hole.Width - CodePoints.Count(sign + body));
        if (hole.Has('-'))
            _text.Append(sign).Append(body).Append(' ', missing);
        else if (hole.Has('0') && hole.Kind is not ('s' or 'r' or 'a' or 'c'))
            _text.Append(sign).Append('0', missing).Append(body);
        else
            _text.Append(' ', missing).Append(sign).Append(body);
    }

    private static (string Sign, string Body) Whole(TemplateValue value, Hole hole)
    {
        var whole = Numbers.Whole(value)
            ?? (value is TemplateValue.Float number && hole.Kind is 'd' or 'i' or 'u' ? Truncated(((TemplateValue.Float)value).Value)
                : null)
            ?? throw new TemplateException($"The format needs a whole number, not {PythonText.TypeName(value)}.");
        var digits = WholeFormat.Digits(BigInteger.Abs(whole), hole.Kind).PadLeft(hole.Precision ?? 0, '0');
        return (Sign(whole.Sign < 0, hole) + (hole.Has('#') ? WholeFormat.Prefix(hole.Kind) : ""), digits);
    }

    private static BigInteger? Truncated(double value) => double.IsFinite(value) ? new BigInteger(value) : null;

    private static (string Sign, string Body) Fraction(TemplateValue value, Hole hole)
    {
        var number = Numbers.Fraction(value)
            ?? throw new TemplateException($"The format needs a number, not {PythonText.TypeName(value)}.");
        return (Sign(double.IsNegative(number) && !double.IsNaN(number), hole),
            FloatFormat.Magnitude(number, hole.Kind, hole.Precision, hole.Has('#')));
    }

    private static string Sign(bool isNegative, Hole hole) => isNegative ? "-" : hole.Has('+') ? "+" : hole.Has(' ') ? " " : "";

    private static string Character(TemplateValue value) => value switch
    {
        TemplateValue.Text text when CodePoints.Count(text.Value) == 1 => text.Value,
        _ when Numbers.Whole(value) is { } code => WholeFormat.Character(code),
        _ => throw new TemplateException("'%c' needs one character, or its number."),
    };

    private string Repr(TemplateValue value, char kind)
    {
        var text = kind == 'a' ? PythonText.AsciiOf(_context, value) : PythonText.ReprOf(_context, value);
        return _format.IsMarkup ? Markup.Escape(text) : text;
    }

    private static string Cut(string text, int? most) => most is { } count ? CodePoints.Take(text, count) : text;

    private static TemplateException TooWide() => new($"The width in a format must be a number of at most {FloatFormat.SizeMax}.");
}
