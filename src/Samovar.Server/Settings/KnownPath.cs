using System.Reflection;

namespace Samovar.Server.Settings;

/// <summary>The path of one setting, or of an object or a list of them.</summary>
internal sealed record KnownPath(IReadOnlyList<string> Parts)
{
    /// <summary>Stands for the number of a list's entry.</summary>
    public const string Entry = "0";
    private const int DepthMax = 8;

    /// <summary>Everything that a section may have in it, itself first.</summary>
    public static IEnumerable<KnownPath> Of(SettingsSection section) => Within([section.Name], section.Options);

    public string Name => Parts[^1];

    private static IEnumerable<KnownPath> Within(string[] parts, Type options) => parts.Length > DepthMax ? []
        : OptionTree.Members(options).SelectMany(member => Within(parts, member)).Prepend(new KnownPath(parts));

    private static IEnumerable<KnownPath> Within(string[] parent, PropertyInfo member)
    {
        string[] parts = [.. parent, member.Name];
        if (SettingKind.IsValue(member.PropertyType) || OptionTree.ValueOf(member.PropertyType) is not null) return [new KnownPath(parts)];
        if (OptionTree.EntryOf(member.PropertyType) is not { } entry) return Within(parts, member.PropertyType);
        return SettingKind.IsValue(entry) ? [new KnownPath(parts)]
            : Within([.. parts, Entry], entry).Skip(1).Prepend(new KnownPath(parts));
    }
}
