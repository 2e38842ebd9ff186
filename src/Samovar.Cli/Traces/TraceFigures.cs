using System.Globalization;

namespace Samovar.Cli.Traces;

/// <summary>Times as people read them.</summary>
internal static class TraceFigures
{
    public static string Time(double us) => us switch
    {
        < 1_000 => string.Create(CultureInfo.InvariantCulture, $"{us:0} µs"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{us / 1_000:0.00} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{us / 1_000_000:0.00} s"),
    };
}
