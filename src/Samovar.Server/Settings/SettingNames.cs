using Microsoft.Extensions.Configuration;

namespace Samovar.Server.Settings;

/// <summary>The names of all settings, to find the one that was meant.</summary>
/// <param name="flags">Flags of the command line by the settings that they stand for.</param>
internal sealed class SettingNames(IReadOnlyCollection<SettingsSection> sections, IReadOnlyDictionary<string, string> flags)
{
    private readonly List<(string Section, string Name)> _all =
        [.. sections.SelectMany(section => OptionTree.Members(section.Options).Select(member => (section.Name, member.Name)))];

    /// <summary>For a key whose section is known: a neighbour of nearly this name, else the same name in another section.</summary>
    public string? Nearest(string key, IEnumerable<string> neighbours)
    {
        var (parent, name) = (ConfigurationPath.GetParentPath(key), ConfigurationPath.GetSectionKey(key));
        return NearNames.Nearest(name, neighbours) is { } near ? ConfigurationPath.Combine(parent!, near) : Named(name);
    }

    /// <summary>For a key whose section is unknown, or that has none.</summary>
    public string? NearestOfAll(string key)
    {
        var parts = key.Split(':', 2);
        if (parts.Length == 1) return OfOneWord(key);
        var section = NearNames.Nearest(parts[0], sections.Select(known => known.Name).Append(LogLevels.Root));
        if (section is null) return Named(ConfigurationPath.GetSectionKey(key));
        var name = NearNames.Nearest(parts[1], _all.Where(known => known.Section == section).Select(known => known.Name)) ?? parts[1];
        return ConfigurationPath.Combine(section, name);
    }

    /// <summary>
    /// <c>Server_Port</c>, <c>SERVERPORT</c>, <c>PORT</c>: without what divides section and name; or a section that has nothing in it.
    /// </summary>
    private string? OfOneWord(string word)
    {
        var bare = Bare(word);
        foreach (var (section, name) in _all)
            if (Bare(section + name) == bare) return ConfigurationPath.Combine(section, name);
        return Named(bare) ?? NearNames.Nearest(word, sections.Select(known => known.Name).Append(LogLevels.Root)) ?? NearestOfJoined(bare);
    }

    private string? NearestOfJoined(string bare) =>
        NearNames.Nearest(bare, _all.Select(known => known.Section + known.Name)) is not { } near ? null
            : _all.Where(known => known.Section + known.Name == near).Select(known => known.Section + ":" + known.Name).First();

    /// <summary>The setting of this name in whatever section, or the one that a flag of this name stands for.</summary>
    private string? Named(string name) =>
        _all.Where(known => Bare(known.Name) == Bare(name)).Select(known => known.Section + ":" + known.Name).FirstOrDefault()
        ?? flags.Where(flag => Bare(flag.Value) == Bare(name)).Select(flag => flag.Key).FirstOrDefault();

    private static string Bare(string name) =>
        name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToUpperInvariant();
}
