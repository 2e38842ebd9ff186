using System.Globalization;

namespace Samovar.Cli.Pull;

/// <summary>Sizes for people.</summary>
internal static class ByteText
{
    private const double Kilo = 1000;

    /// <summary><c>4.7 GB</c>, in powers of ten as hubs and disks count.</summary>
    public static string Of(long bytes)
    {
        string[] units = ["B", "kB", "MB", "GB", "TB"];
        var (size, unit) = ((double)bytes, 0);
        while (size >= Kilo && unit < units.Length - 1) (size, unit) = (size / Kilo, unit + 1);
        return string.Create(CultureInfo.InvariantCulture, $"{size:0.#} {units[unit]}");
    }
}
