using System.Globalization;
using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary>A number of bytes as people read it, such as <c>12.3 kB</c>.</summary>
internal static class FileSize
{
    private static readonly string[] Decimal = ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
    private static readonly string[] Binary = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"];

    public static string Of(double bytes, bool isBinary)
    {
        if (!double.IsFinite(bytes))
            throw new TemplateException("The number of bytes must be finite.");
        double size = isBinary ? 1024 : 1000;
        if (bytes == 1)
            return "1 Byte";
        if (bytes < size)
            return new System.Numerics.BigInteger(bytes).ToString(CultureInfo.InvariantCulture) + " Bytes";
        var names = isBinary ? Binary : Decimal;
        var unit = size * size;
        for (var at = 0; ; at++, unit *= size)
        {
            if (bytes < unit || at == names.Length - 1)
                return FloatFormat.Magnitude(size * bytes / unit, 'f', 1) + " " + names[at];
        }
    }
}
