using Microsoft.Extensions.Configuration;

namespace Samovar.Server.Settings;

/// <summary>Where each setting was given: a file, a variable, a flag.</summary>
/// <param name="flags">Flags of the command line by the settings that they stand for.</param>
internal sealed class SettingOrigins(IConfiguration configuration, IReadOnlyDictionary<string, string> flags)
{
    /// <summary>The sources that people write; the last one wins.</summary>
    private readonly List<IConfigurationProvider> _providers = [.. ((IConfigurationRoot)configuration).Providers
        .Where(provider => provider is FileConfigurationProvider or VariableProvider or GivenProvider)];

    public IReadOnlyDictionary<string, string> Flags { get; } = flags;

    /// <summary>Settings that two variables give, with the name of the one that is not read.</summary>
    public IEnumerable<(string Key, string Other)> Twice => _providers.OfType<VariableProvider>().SelectMany(variables => variables.Twice);

    /// <summary>The first parts of all keys that were given.</summary>
    public IEnumerable<string> Sections => _providers.SelectMany(provider => provider.GetChildKeys([], null))
        .Distinct(StringComparer.OrdinalIgnoreCase);

    /// <summary>In brackets behind the name of a setting; empty where nobody gave it. What is missing was not given with its
    /// neighbours.</summary>
    public string Of(string key)
    {
        for (var at = key; at is not null && at.Contains(':', StringComparison.Ordinal); at = ConfigurationPath.GetParentPath(at))
            if (Giver(at) is not null) return Bracketed(at);
        return Bracketed(key);
    }

    private string Bracketed(string key) => Name(key) is { } name ? $" ({name})" : "";

    /// <summary>Whether a variable of the environment has it.</summary>
    public bool IsVariable(string key) => Giver(key) is VariableProvider;

    private string? Name(string key) => Giver(key) switch
    {
        VariableProvider variables => variables.NameOf(key),
        FileConfigurationProvider { Source: var source } => source.FileProvider?.GetFileInfo(source.Path!).PhysicalPath ?? source.Path,
        GivenProvider => Flags.GetValueOrDefault(key),
        _ => null,
    };

    private IConfigurationProvider? Giver(string key) =>
        _providers.LastOrDefault(provider => provider.TryGet(key, out _) || provider.GetChildKeys([], key).Any());
}
