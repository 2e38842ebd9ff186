using Microsoft.Extensions.Configuration;

namespace Samovar.Server.Settings;

/// <summary>The sources of settings in their order.</summary>
internal static class SettingsSources
{
    /// <summary>A file first, the environment over it, what the caller gives over both.</summary>
    /// <exception cref="InvalidDataException">The file cannot be read; the message is a sentence.</exception>
    public static void AddSettings(
        this IConfigurationBuilder configuration, IEnumerable<KeyValuePair<string, string?>> given, string? path,
        IReadOnlyDictionary<string, string>? variables)
    {
        configuration.AddSettingsFile(path);
        configuration.AddGiven(given, variables);
    }

    /// <summary>The same without a file of the working folder, over defaults that a command has of its own.</summary>
    /// <exception cref="InvalidDataException">The file cannot be read; the message is a sentence.</exception>
    public static void AddSettings(
        this IConfigurationBuilder configuration, IEnumerable<KeyValuePair<string, string?>> given, string? path,
        IReadOnlyDictionary<string, string>? variables, IEnumerable<KeyValuePair<string, string?>> defaults)
    {
        configuration.AddInMemoryCollection(defaults);
        if (path is not null) configuration.AddSettingsFile(path);
        configuration.AddGiven(given, variables);
    }

    private static void AddGiven(
        this IConfigurationBuilder configuration, IEnumerable<KeyValuePair<string, string?>> given,
        IReadOnlyDictionary<string, string>? variables)
    {
        configuration.Add(new VariableSource(variables)).Add(new GivenSource(given));
    }
}
