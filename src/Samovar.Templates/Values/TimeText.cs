using System.Globalization;
using System.Text;

namespace Samovar.Templates.Values;

/// <summary>Writes a time by a <c>strftime</c> format, as the C library does in its plain locale.</summary>
internal static class TimeText
{
    private const int WidthMax = 1000;

    public static string Format(string format, DateTimeOffset time)
    {
        var text = new StringBuilder();
        for (var at = 0; at < format.Length; at++)
        {
            if (format[at] != '%')
                text.Append(format[at]);
            else
                at = Append(text, format, at, time);
        }
        return text.ToString();
    }

    /// <summary>Writes the field that begins with a percent sign; returns its last place.</summary>
    private static int Append(StringBuilder text, string format, int begin, DateTimeOffset time)
    {
        var at = begin + 1;
        var flag = '\0';
        var isUpper = false;
        for (; at < format.Length && format[at] is '-' or '_' or '0' or '^' or '#'; at++)
        {
            if (format[at] is '^' or '#')
                isUpper = true;
            else
                flag = format[at];
        }
        var width = 0;
        for (; at < format.Length && char.IsAsciiDigit(format[at]); at++)
            width = Math.Min(WidthMax, width * 10 + format[at] - '0');
        if (at < format.Length && format[at] is 'E' or 'O')
            at++;
        if (at >= format.Length || Field(format[at], time) is not { } field)
        {
            text.Append(format, begin, Math.Min(at + 1, format.Length) - begin);
            return at;
        }
        text.Append(Laid(field, format[at], flag, width, isUpper));
        return at;
    }

    private static string Laid(string field, char kind, char flag, int width, bool isUpper)
    {
        var isNumber = kind is 'Y' or 'y' or 'm' or 'd' or 'e' or 'H' or 'I' or 'k' or 'l' or 'M' or 'S' or 'j' or 'w' or 'u' or 'U' or 'W'
            or 'V' or 'G' or 'g' or 'C' or 's';
        if (isNumber && flag is '-' or '_' or '0' || width > field.Length)
        {
            var bare = isNumber ? field.TrimStart('0', ' ') is { Length: > 0 } digits ? digits : "0" : field;
            var pad = flag switch { '0' => '0', '_' => ' ', _ => isNumber && kind is not ('e' or 'k' or 'l') ? '0' : ' ' };
            field = flag == '-' ? bare : bare.PadLeft(Math.Max(width, field.Length), pad);
        }
        return isUpper ? field.ToUpperInvariant() : field;
    }

    private static string? Field(char field, DateTimeOffset time) => field switch
    {
        'Y' => Number(time.Year),
        'y' => In(time, "yy"),
        'C' => Number(time.Year / 100, 2),
        'm' => In(time, "MM"),
        'B' => In(time, "MMMM"),
        'b' or 'h' => In(time, "MMM"),
        'd' => In(time, "dd"),
        'e' => Spaced(time.Day),
        'A' => In(time, "dddd"),
        'a' => In(time, "ddd"),
        'H' => In(time, "HH"),
        'k' => Spaced(time.Hour),
        'I' => In(time, "hh"),
        'l' => Spaced((time.Hour + 11) % 12 + 1),
        'M' => In(time, "mm"),
        'S' => In(time, "ss"),
        'f' => In(time, "ffffff"),
        'p' => In(time, "tt"),
        'P' => In(time, "tt").ToLowerInvariant(),
        'j' => Number(time.DayOfYear, 3),
        'w' => Number((int)time.DayOfWeek),
        'u' => Number(((int)time.DayOfWeek + 6) % 7 + 1),
        'U' => Number((time.DayOfYear + 6 - (int)time.DayOfWeek) / 7, 2),
        'W' => Number((time.DayOfYear + 6 - ((int)time.DayOfWeek + 6) % 7) / 7, 2),
        'V' => Number(ISOWeek.GetWeekOfYear(time.DateTime), 2),
        'G' => Number(ISOWeek.GetYear(time.DateTime)),
        'g' => Number(ISOWeek.GetYear(time.DateTime) % 100, 2),
        's' => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        'F' => In(time, "yyyy-MM-dd"),
        'T' or 'X' => In(time, "HH:mm:ss"),
        'R' => In(time, "HH:mm"),
        'r' => In(time, "hh:mm:ss tt"),
        'D' or 'x' => In(time, "MM'/'dd'/'yy"),
        'c' => $"{In(time, "ddd MMM")} {Spaced(time.Day)} {In(time, "HH:mm:ss yyyy")}",
        'n' => "\n",
        't' => "\t",
        '%' => "%",
        'z' or 'Z' => "", // as for a time without a zone
        _ => null,
    };

    private static string Number(int value, int digits = 1) => value.ToString("D" + digits, CultureInfo.InvariantCulture);

    private static string Spaced(int value) => Number(value).PadLeft(2);

    private static string In(DateTimeOffset time, string format) => time.ToString(format, CultureInfo.InvariantCulture);
}
