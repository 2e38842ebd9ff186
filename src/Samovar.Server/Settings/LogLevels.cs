using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Samovar.Server.Settings;

/// <summary>The section of .NET's own logging: which level for which category.</summary>
internal static class LogLevels
{
    public const string Root = "Logging";
    private const string Levels = "LogLevel", Console = "Console";
    private const string ASection = "an object with settings", ALevel = "one of Trace, Debug, Information, Warning, Error, Critical, None";

    /// <summary>What the section may have in it.</summary>
    public static IReadOnlyList<KnownPath> Paths { get; } =
        [new([Root]), new([Root, Levels]), new([Root, Levels, "Default"]), new([Root, Console]), new([Root, Console, Levels])];

    /// <summary>What is wrong, with what it must be; null for a name that nobody knows.</summary>
    public static IEnumerable<(IConfigurationSection Wrong, string? MustBe)> Faults(IConfiguration configuration)
    {
        var root = configuration.GetSection(Root);
        if (!string.IsNullOrEmpty(root.Value)) return [(root, ASection)];
        return root.GetChildren().SelectMany(child => Is(child, Levels) ? OfLevels(child)
            : Is(child, Console) ? OfConsole(child)
            : [(child, null)]);
    }

    /// <summary>How a line looks and where it goes is the server's own.</summary>
    private static IEnumerable<(IConfigurationSection Wrong, string? MustBe)> OfConsole(IConfigurationSection console)
    {
        if (!string.IsNullOrEmpty(console.Value)) return [(console, ASection)];
        return console.GetChildren().SelectMany(child => Is(child, Levels) ? OfLevels(child) : [(child, null)]);
    }

    private static IEnumerable<(IConfigurationSection Wrong, string? MustBe)> OfLevels(IConfigurationSection levels)
    {
        if (!string.IsNullOrEmpty(levels.Value)) return [(levels, ASection)];
        return from level in levels.GetChildren() where !IsLevel(level) select (level, (string?)ALevel);
    }

    private static bool IsLevel(IConfigurationSection section) => !section.GetChildren().Any()
        && (section.Value is null || Enum.GetNames<LogLevel>().Contains(section.Value, StringComparer.OrdinalIgnoreCase));

    private static bool Is(IConfigurationSection section, string name) =>
        string.Equals(section.Key, name, StringComparison.OrdinalIgnoreCase);
}
