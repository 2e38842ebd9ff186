using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Samovar.Server.Settings;

/// <summary>The section of .NET's own logging: which level for which category.</summary>
internal static class LogLevels
{
    public const string Root = "Logging";
    private const string Levels = "LogLevel", Console = "Console";

    /// <summary>The names that the section may have.</summary>
    public static IReadOnlyList<string> Names { get; } = [Levels, Console];

    /// <summary>Names and values that nobody knows.</summary>
    public static IEnumerable<(IConfigurationSection Wrong, bool IsUnknown)> Faults(IConfiguration configuration)
    {
        foreach (var child in configuration.GetSection(Root).GetChildren())
            if (Is(child, Levels)) foreach (var level in OfLevels(child)) yield return level;
            else if (Is(child, Console))
                foreach (var level in child.GetChildren().Where(one => Is(one, Levels)).SelectMany(OfLevels)) yield return level;
            else yield return (child, true);
    }

    private static IEnumerable<(IConfigurationSection Wrong, bool IsUnknown)> OfLevels(IConfigurationSection levels) =>
        from level in levels.GetChildren()
        where level.GetChildren().Any() || !Enum.GetNames<LogLevel>().Contains(level.Value ?? "", StringComparer.OrdinalIgnoreCase)
        select (level, false);

    private static bool Is(IConfigurationSection section, string name) =>
        string.Equals(section.Key, name, StringComparison.OrdinalIgnoreCase);
}
