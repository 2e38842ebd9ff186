using System.Globalization;
using System.Numerics;
using System.Text;

namespace Samovar.Templates.Values;

/// <summary>What follows the colon in a hole of <c>str.format</c>:
/// <c>[[fill]align][sign][z][#][0][width][grouping][.precision][type]</c>.</summary>
internal sealed class FormatSpecification
{
    private string _fill = " ";
    private char _align;
    private char _sign = '-';
    private bool _isAlternate;
    private int _width;
    private char _grouping;
    private int? _precision;
    private char _kind;
    private bool _hasSign;
    private bool _hasFill;

    private FormatSpecification() { }

    public static string Write(RenderContext context, TemplateValue value, string specification)
    {
        if (specification.Length == 0)
            return context.TextOf(value);
        var parsed = Parse(specification, isNumber: Numbers.IsNumber(value));
        return value switch
        {
            TemplateValue.Text text => parsed.OfText(text.Value),
            TemplateValue.Float when !Numbers.IsInteger(value) => parsed.OfFraction(((TemplateValue.Float)value).Value),
            _ when Numbers.Whole(value) is { } whole => parsed.OfWhole(whole),
            _ => throw new TemplateException($"A value of type {PythonText.TypeName(value)} takes no specification."),
        };
    }

    private static FormatSpecification Parse(string text, bool isNumber)
    {
        var parsed = new FormatSpecification();
        var at = parsed.ReadAlign(text);
        if (At(text, at) is '+' or '-' or ' ')
        {
            parsed._sign = text[at++];
            parsed._hasSign = true;
        }
        if (At(text, at) == '#')
        {
            parsed._isAlternate = true;
            at++;
        }
        if (At(text, at) == '0' && !parsed._hasFill)
        {
            parsed._fill = "0";
            parsed._align = parsed._align == '\0' && isNumber ? '=' : parsed._align;
        }
        at = ReadSize(text, at, out var width);
        parsed._width = width ?? 0;
        if (At(text, at) is ',' or '_')
            parsed._grouping = text[at++];
        if (At(text, at) == '.')
        {
            at = ReadSize(text, at + 1, out parsed._precision);
            if (parsed._precision is null)
                throw Bad();
        }
        if (at < text.Length)
            parsed._kind = text[at++];
        return at == text.Length ? parsed : throw Bad();
    }

    private static char At(string text, int at) => at < text.Length ? text[at] : '\0';

    private int ReadAlign(string text)
    {
        var first = char.IsSurrogate(At(text, 0)) ? 2 : 1;
        if (At(text, first) is '<' or '>' or '=' or '^')
        {
            _fill = text[..first];
            _hasFill = true;
            _align = text[first];
            return first + 1;
        }
        if (At(text, 0) is '<' or '>' or '=' or '^')
        {
            _align = text[0];
            return 1;
        }
        return 0;
    }

    private static int ReadSize(string text, int at, out int? size)
    {
        var begin = at;
        while (char.IsAsciiDigit(At(text, at)))
            at++;
        size = null;
        if (at > begin)
            size = int.TryParse(text.AsSpan(begin, at - begin), NumberStyles.None, CultureInfo.InvariantCulture, out var given)
                && given <= FloatFormat.SizeMax ? given : throw Bad();
        return at;
    }

    private string OfText(string text)
    {
        if (_kind is not ('\0' or 's') || _hasSign || _isAlternate || _grouping != '\0' || _align == '=')
            throw Bad();
        return Padded("", _precision is { } most ? CodePoints.Take(text, most) : text, '<');
    }

    private string OfWhole(BigInteger value)
    {
        if (_kind is 'e' or 'E' or 'f' or 'F' or 'g' or 'G' or '%')
            return OfFraction(Numbers.ToDouble(value));
        if (_precision is not null || _kind is not ('\0' or 'd' or 'n' or 'b' or 'o' or 'x' or 'X' or 'c'))
            throw Bad();
        if (_kind == 'c')
            return _hasSign || _grouping != '\0' || _isAlternate ? throw Bad() : Padded("", WholeFormat.Character(value), '>');
        var isDecimal = _kind is '\0' or 'd' or 'n';
        if ((_grouping == ',' && !isDecimal) || (_grouping != '\0' && _kind == 'n'))
            throw Bad();
        var prefix = Sign(value.Sign < 0) + (_isAlternate ? WholeFormat.Prefix(_kind) : "");
        return Number(prefix, WholeFormat.Digits(BigInteger.Abs(value), _kind), "", isDecimal ? 3 : 4);
    }

    private string OfFraction(double value)
    {
        if (_kind is not ('\0' or 'n' or 'e' or 'E' or 'f' or 'F' or 'g' or 'G' or '%') || (_grouping != '\0' && _kind == 'n'))
            throw Bad();
        var text = _kind == '\0' && _precision is null
            ? PythonNumbers.Repr(Math.Abs(value))
            : FloatFormat.Magnitude(value, _kind == 'n' ? 'g' : _kind, _precision, _isAlternate);
        var digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9') is var found && found < 0 ? text.Length : found;
        return Number(Sign(double.IsNegative(value) && !double.IsNaN(value)), text[..digits], text[digits..], 3);
    }

    private string Sign(bool isNegative) => isNegative ? "-" : _sign == '-' ? "" : _sign.ToString();

    private string Number(string prefix, string digits, string end, int groupSize)
    {
        if (_grouping == '\0' || digits.Length == 0)
            return Padded(prefix, digits + end, '>');
        var grouped = WholeFormat.Grouped(digits, _grouping, groupSize);
        while (_align == '=' && _fill == "0" && prefix.Length + grouped.Length + end.Length < _width)
        {
            digits = "0" + digits;
            grouped = WholeFormat.Grouped(digits, _grouping, groupSize);
        }
        return Padded(prefix, grouped + end, '>');
    }

    private string Padded(string prefix, string body, char usual)
    {
        var missing = Math.Max(0, _width - prefix.Length - CodePoints.Count(body));
        var (before, between, after) = (_align == '\0' ? usual : _align) switch
        {
            '<' => (0, 0, missing),
            '>' => (missing, 0, 0),
            '^' => (missing / 2, 0, missing - missing / 2),
            _ => (0, missing, 0),
        };
        return Filled(before) + prefix + Filled(between) + body + Filled(after);
    }

    private string Filled(int count) => new StringBuilder().Insert(0, _fill, count).ToString();

    private static TemplateException Bad() => new("The specification of a hole cannot be read, or does not suit its value.");
}
