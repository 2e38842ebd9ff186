using System.Globalization;
using Samovar.Escaping;

namespace Samovar.Cli.Top;

/// <summary>Figures as people read them, in few characters.</summary>
internal static class Figures
{
    private static readonly string[] Sizes = ["B", "KB", "MB", "GB", "TB"];

    public static string Bytes(double bytes)
    {
        var size = 0;
        while (bytes >= 1000 && size < Sizes.Length - 1) (bytes, size) = (bytes / 1000, size + 1);
        return string.Create(CultureInfo.InvariantCulture, $"{bytes:0.#} {Sizes[size]}");
    }

    public static string Count(long count) => count switch
    {
        < 10_000 => count.ToString(CultureInfo.InvariantCulture),
        < 10_000_000 => string.Create(CultureInfo.InvariantCulture, $"{count / 1e3:0.#} k"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{count / 1e6:0.#} M"),
    };

    public static string Share(long part, long whole) =>
        whole <= 0 ? "-" : string.Create(CultureInfo.InvariantCulture, $"{100.0 * part / whole:0.#} %");

    /// <param name="max">0 where there is no limit.</param>
    public static string Of(long used, long max) => max > 0 ? $"{Count(used)}/{Count(max)}" : Count(used);

    public static string Time(double? milliseconds) => milliseconds switch
    {
        null => "-",
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0} ms"),
        < 60_000 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000:0.0} s"),
        _ => Clock(TimeSpan.FromMilliseconds(milliseconds.Value)),
    };

    /// <summary>Days are hours here: a server that runs for a week shows 168.</summary>
    private static string Clock(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}");

    /// <summary>For how long something has been so.</summary>
    public static string Age(double? seconds) => seconds switch
    {
        null => "-",
        < 120 => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds.Value):0} s"),
        < 2 * 3600 => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds.Value / 60):0} min"),
        < 2 * 86_400 => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds.Value / 3600):0} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds.Value / 86_400):0} d"),
    };

    /// <summary>Names may come from clients: they must not move the cursor or change the terminal.</summary>
    public static string Plain(string? text) => ForeignText.Cell(text);
}
