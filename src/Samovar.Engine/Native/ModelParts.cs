using System.Globalization;
using System.Text.RegularExpressions;

namespace Samovar.Engine.Native;

/// <summary>The files of a model: large ones come as <c>name-00001-of-00005.gguf</c> and so on, of which the first is named.</summary>
internal static partial class ModelParts
{
    /// <summary>All files that are there, the named one first.</summary>
    public static IReadOnlyList<string> Of(string path)
    {
        var named = First().Match(Path.GetFileName(path));
        if (!named.Success) return [path];
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var count = int.Parse(named.Groups["count"].Value, CultureInfo.InvariantCulture);
        var others = Enumerable.Range(2, Math.Max(0, count - 1)).Select(part => Path.Combine(
            folder, string.Create(CultureInfo.InvariantCulture, $"{named.Groups["name"].Value}-{part:00000}-of-{count:00000}.gguf")));
        return [path, .. others.Where(File.Exists)];
    }

    /// <summary>Bytes of all of them.</summary>
    public static long Bytes(string path) => Of(path).Sum(file => new FileInfo(file).Length);

    [GeneratedRegex(@"^(?<name>.+)-00001-of-(?<count>[0-9]{5})\.gguf$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex First();
}
