using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Server.Settings;

namespace Samovar.Server.Hosting;

/// <summary>Everything that is wrong with the settings, each with its name and where it was given.</summary>
internal static partial class SettingsCheck
{
    private const int MatchMilliseconds = 1000;

    /// <param name="flags">Flags of the command line by the settings that they stand for.</param>
    public static IReadOnlyList<string> Errors(IServiceProvider services, IReadOnlyDictionary<string, string> flags)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        var origins = new SettingOrigins(configuration, flags);
        var sections = services.GetServices<SettingsSection>().DistinctBy(section => section.Name, StringComparer.Ordinal).ToList();
        var faults = new SettingsWalk(configuration, origins, sections).Faults();
        var named = faults.Select(fault => fault.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var errors = services.GetServices<SectionCheck>().SelectMany(section => section.Errors(named));
        return [.. faults.Select(fault => fault.Sentence).Concat(errors.Select(error => WithOrigin(error, origins)))
            .Distinct(StringComparer.Ordinal)];
    }

    /// <summary>What can be seen without using the settings: names and values.</summary>
    public static IReadOnlyList<string> Faults(IConfiguration configuration, IEnumerable<SettingsSection> sections) =>
    [
        .. new SettingsWalk(configuration, new SettingOrigins(configuration, new Dictionary<string, string>(StringComparer.Ordinal)),
            [.. sections.DistinctBy(section => section.Name, StringComparer.Ordinal)]).Faults().Select(fault => fault.Sentence),
    ];

    /// <summary>The first setting that a sentence names is followed by where it was given.</summary>
    private static string WithOrigin(string sentence, SettingOrigins origins) => Key().Match(sentence) is { Success: true } key
        ? sentence.Insert(key.Index + key.Length, origins.Of(key.Value)) : sentence;

    [GeneratedRegex(@"\b[A-Z][A-Za-z]+(:[A-Za-z0-9]+)+", RegexOptions.ExplicitCapture, MatchMilliseconds)]
    private static partial Regex Key();
}
