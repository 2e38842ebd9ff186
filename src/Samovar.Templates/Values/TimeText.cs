using System.Globalization;
using System.Text;

namespace Samovar.Templates.Values;

/// <summary>Writes a time by a <c>strftime</c> format.</summary>
internal static class TimeText
{
    public static string Format(string format, DateTimeOffset time)
    {
        var text = new StringBuilder();
        for (var at = 0; at < format.Length; at++)
        {
            if (format[at] != '%' || at + 1 == format.Length)
            {
                text.Append(format[at]);
                continue;
            }
            var isBare = format[at + 1] == '-' && at + 2 < format.Length;
            at += isBare ? 2 : 1;
            var field = Field(format[at], time);
            text.Append(isBare ? field.TrimStart('0') is { Length: > 0 } bare ? bare : "0" : field);
        }
        return text.ToString();
    }

    private static string Field(char field, DateTimeOffset time) => field switch
    {
        'Y' => In(time, "yyyy"),
        'y' => In(time, "yy"),
        'm' => In(time, "MM"),
        'B' => In(time, "MMMM"),
        'b' or 'h' => In(time, "MMM"),
        'd' => In(time, "dd"),
        'e' => time.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
        'A' => In(time, "dddd"),
        'a' => In(time, "ddd"),
        'H' => In(time, "HH"),
        'I' => In(time, "hh"),
        'M' => In(time, "mm"),
        'S' => In(time, "ss"),
        'f' => In(time, "ffffff"),
        'p' => In(time, "tt"),
        'j' => time.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
        'w' => ((int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
        'F' => In(time, "yyyy-MM-dd"),
        'T' => In(time, "HH:mm:ss"),
        'R' => In(time, "HH:mm"),
        'D' => In(time, "MM'/'dd'/'yy"),
        'n' => "\n",
        't' => "\t",
        '%' => "%",
        'z' or 'Z' => "", // as for a time without a zone
        _ => "%" + field,
    };

    private static string In(DateTimeOffset time, string format) => time.ToString(format, CultureInfo.InvariantCulture);
}
