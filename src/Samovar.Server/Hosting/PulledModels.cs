using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace Samovar.Server.Hosting;

/// <summary>Models by the names that <c>samovar pull</c> got them by: <c>owner/name</c>, <c>owner/name/FILE.gguf</c>.</summary>
internal static partial class PulledModels
{
    private const string Folder = "models";
    private const int ShownMax = 8, MatchMilliseconds = 1000;

    /// <summary>The data folder, also where other settings of the server are wrong.</summary>
    public static string DataPathOf(IConfiguration configuration) =>
        configuration[$"{ServerOptions.Section}:{nameof(ServerOptions.DataPath)}"] is { Length: > 0 } path ? path
            : new ServerOptions().DataPath;

    /// <summary>Where models are pulled to.</summary>
    public static string FolderOf(string dataPath) => Path.Combine(dataPath, Folder);

    /// <summary>The file that is meant: a path as it is, unless only the folder of pulled models has one of that name.</summary>
    /// <returns>A fault where the name means several files.</returns>
    public static (string Path, string? Fault) Find(string named, string dataPath)
    {
        if (File.Exists(named) || Directory.Exists(named) || !Name().IsMatch(named)) return (named, null);
        var pulled = Path.Combine(FolderOf(dataPath), named);
        if (File.Exists(pulled)) return (pulled, null);
        if (!Directory.Exists(pulled)) return (named, null);
        var files = Directory.EnumerateFiles(pulled, "*.gguf").Where(IsModel).Order(StringComparer.Ordinal).ToList();
        return files.Count switch
        {
            0 => (named, $"{Path.GetFullPath(pulled)} has no GGUF file; samovar pull {named} gets one."),
            1 => (files[0], null),
            _ => (named, $"{named} has several files; say which: "
                + string.Join(", ", files.Take(ShownMax).Select(file => $"{named}/{Path.GetFileName(file)}")) + "."),
        };
    }

    /// <summary>Large models come in parts, of which the first is named; projectors of images are no models.</summary>
    private static bool IsModel(string file) =>
        Path.GetFileName(file) is var name && !name.StartsWith("mmproj", StringComparison.OrdinalIgnoreCase)
        && (!Part().IsMatch(name) || name.Contains("-00001-of-", StringComparison.Ordinal));

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*){1,2}$", RegexOptions.ExplicitCapture, MatchMilliseconds)]
    private static partial Regex Name();

    [GeneratedRegex(@"-[0-9]{5}-of-[0-9]{5}\.gguf$", RegexOptions.ExplicitCapture, MatchMilliseconds)]
    private static partial Regex Part();
}
