using Microsoft.Extensions.Configuration;

namespace Samovar.Server.Settings;

/// <summary>Finds the setting that was meant: one that there is, and of several the nearest to the place that was written.</summary>
/// <param name="flags">Flags of the command line by the settings that they stand for.</param>
internal sealed class SettingNames(IReadOnlyCollection<SettingsSection> sections, IReadOnlyDictionary<string, string> flags)
{
    private readonly List<KnownPath> _all = [.. sections.SelectMany(KnownPath.Of).Concat(LogLevels.Paths)];

    /// <summary>For a key that nobody knows.</summary>
    public string? Nearest(string key)
    {
        var written = key.Split(ConfigurationPath.KeyDelimiter);
        return written.Length == 1 ? OfOneWord(key) : OfPath(written) ?? OfFlag(written[^1]);
    }

    private string? OfPath(IReadOnlyList<string> written)
    {
        PathDistance? nearest = null;
        foreach (var known in _all)
            if (PathDistance.Between(written, known) is { } distance && (nearest is not { } least || distance.CompareTo(least) < 0))
                nearest = distance;
        return nearest is { } found ? ConfigurationPath.Combine(found.Parts) : null;
    }

    /// <summary>
    /// <c>Server_Port</c>, <c>SERVERPORT</c>, <c>PORT</c>: without what divides section and name; or a section that has nothing in it.
    /// </summary>
    private string? OfOneWord(string word)
    {
        var bare = NearNames.Bare(word);
        return _all.Where(known => known.Parts.Count > 1 && Joined(known) == bare).Select(Text).FirstOrDefault()
            ?? OfFlag(word) ?? OfName(word)
            ?? (word.Split('_') is { Length: > 1 } divided ? OfPath(divided) : OfPath([word]))
            ?? (NearNames.Nearest(bare, _all.Select(Joined)) is { } near ? Text(_all.First(known => Joined(known) == near)) : null);
    }

    /// <summary>Of several settings of a name, the one that stands highest.</summary>
    private string? OfName(string word) => _all.Where(known => NearNames.Bare(known.Name) == NearNames.Bare(word))
        .OrderBy(static known => known.Parts.Count).Select(Text).FirstOrDefault();

    private string? OfFlag(string name) =>
        flags.Where(flag => NearNames.Bare(flag.Value) == NearNames.Bare(name)).Select(flag => flag.Key).FirstOrDefault();

    private static string Joined(KnownPath known) => NearNames.Bare(string.Concat(known.Parts));

    private static string Text(KnownPath known) => ConfigurationPath.Combine(known.Parts);
}
