using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Samovar.Server.Settings;

/// <summary>Looks at every setting that was given, as it was written: is there such a one, and can it have this value?</summary>
internal sealed class SettingsWalk(IConfiguration configuration, SettingOrigins origins, IReadOnlyCollection<SettingsSection> sections)
{
    private const string AMap = "an object of names and values";
    private readonly SettingNames _names = new(sections, origins.Flags);
    private readonly List<SettingFault> _faults = [];

    /// <summary>One sentence for each fault.</summary>
    public IReadOnlyList<SettingFault> Faults()
    {
        foreach (var name in origins.Sections)
            if (sections.FirstOrDefault(known => Is(known.Name, name)) is { } section)
                Object(configuration.GetSection(section.Name), section.Options);
            else if (!Is(LogLevels.Root, name)) EachUnknown(configuration.GetSection(name));
        foreach (var (wrong, mustBe) in LogLevels.Faults(configuration))
            if (mustBe is null) Unknown(wrong.Path);
            else Wrong(wrong.Path, $"must be {mustBe}, not {Written(wrong)}");
        foreach (var (key, other) in origins.Twice) Wrong(key, $"has another value in {other}: only one of them may be set");
        return _faults;
    }

    private void Object(IConfigurationSection section, Type options)
    {
        if (!IsWhole(section, "an object with settings")) return;
        foreach (var child in section.GetChildren())
            if (OptionTree.Find(options, child.Key) is { } member) Member(child, member.PropertyType, member);
            else Unknown(child.Path);
    }

    private void Member(IConfigurationSection section, Type type, PropertyInfo property)
    {
        if (SettingKind.IsValue(type)) Value(section, new SettingKind(type, property));
        else if (OptionTree.ValueOf(type) is { } value) Map(section, value, property);
        else if (OptionTree.EntryOf(type) is { } entry)
        {
            Entries(section, entry, property, "a list");
            foreach (var child in section.GetChildren().Where(child => !int.TryParse(child.Key, NumberStyles.None, null, out _)))
                Wrong(child.Path, "must be an entry of a list, by its number from 0 on");
        }
        else Object(section, type);
    }

    private void Value(IConfigurationSection section, SettingKind kind)
    {
        if (section.GetChildren().Any()) Wrong(section.Path, $"must be {kind.Expected}, not an object or a list");
        else if (section.Value is { } text && kind.FaultOf(text) is { } fault) Wrong(section.Path, fault);
    }

    private void Map(IConfigurationSection section, Type value, PropertyInfo property)
    {
        if (IsList(section)) Wrong(section.Path, $"must be {AMap}, not a list");
        else Entries(section, value, property, AMap);
    }

    private void Entries(IConfigurationSection section, Type entry, PropertyInfo property, string what)
    {
        if (!IsWhole(section, what)) return;
        foreach (var child in section.GetChildren())
            if (SettingKind.IsValue(entry) && child.GetChildren().Any()) Wrong(child.Path, "must be a single value");
            else if (!SettingKind.IsValue(entry)) Member(child, entry, property);
    }

    private bool IsWhole(IConfigurationSection section, string what)
    {
        if (string.IsNullOrEmpty(section.Value)) return true; // an empty list is an empty text
        Wrong(section.Path, $"must be {what}, not {SettingKind.Shown(section.Value)}");
        return false;
    }

    /// <summary>Every setting of a section that is unknown as a whole, by its own name.</summary>
    private void EachUnknown(IConfigurationSection section)
    {
        var children = section.GetChildren().ToList();
        foreach (var child in children) EachUnknown(child);
        if (children.Count == 0) Unknown(section.Path);
    }

    private void Unknown(string key)
    {
        var nearest = _names.Nearest(key);
        var written = nearest is not null && origins.IsVariable(key) ? VariableProvider.NameFor(nearest) : nearest;
        var hint = written is null ? "" : $"; did you mean {written}?";
        _faults.Add(new SettingFault(key, $"There is no setting {key}{origins.Of(key)}{(hint.Length > 0 ? hint : ".")}"));
    }

    private void Wrong(string key, string fault) => _faults.Add(new SettingFault(key, $"{key}{origins.Of(key)} {fault}."));

    private static string Written(IConfigurationSection section) =>
        section.Value is { } text ? SettingKind.Shown(text) : "an object or a list";

    /// <summary>A list's entries are named by their numbers.</summary>
    private static bool IsList(IConfigurationSection section)
    {
        var keys = section.GetChildren().Select(child => child.Key).ToList();
        return keys.Count > 0 && keys.Select((key, index) => key == index.ToString(CultureInfo.InvariantCulture)).All(isNext => isNext);
    }

    private static bool Is(string known, string name) => string.Equals(known, name, StringComparison.OrdinalIgnoreCase);
}
