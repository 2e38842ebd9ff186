using System.Collections;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace Samovar.Server.Settings;

/// <summary>The environment's variables that are settings: <c>SAMOVAR_Server__Port</c>.</summary>
/// <param name="variables">Null takes those of this process.</param>
internal sealed class VariableSource(IReadOnlyDictionary<string, string>? variables) : IConfigurationSource
{
    public IConfigurationProvider Build(IConfigurationBuilder builder) => new VariableProvider(variables);
}

/// <summary>Keeps the names of the variables, so that a wrong one can be named.</summary>
internal sealed partial class VariableProvider(IReadOnlyDictionary<string, string>? variables) : ConfigurationProvider
{
    private const string Prefix = "SAMOVAR_";
    private const int MatchMilliseconds = 1000;
    private Dictionary<string, string> _names = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Settings that a second variable gives another value, with its name: the case of letters makes no difference.</summary>
    public IReadOnlyList<(string Key, string Other)> Twice { get; private set; } = [];

    public override void Load()
    {
        var data = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        var names = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var twice = new List<(string, string)>();
        foreach (var (name, value) in (variables ?? OfThisProcess()).OrderBy(variable => variable.Key, StringComparer.Ordinal))
        {
            if (name.Length <= Prefix.Length || !name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) || IsForeign(name, value))
                continue;
            var key = name[Prefix.Length..].Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal);
            if (!data.TryAdd(key, value) && data[key] != value) twice.Add((key, name));
            names.TryAdd(key, name);
        }
        (Data, _names, Twice) = (data, names, twice);
    }

    /// <summary>The variable that has the setting, or one that has a part of it; null where none has.</summary>
    public string? NameOf(string key) => _names.GetValueOrDefault(key)
        ?? _names.FirstOrDefault(known => known.Key.StartsWith(key + ":", StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>The variable that a setting is named by.</summary>
    public static string NameFor(string key) => Prefix + key.Replace(ConfigurationPath.KeyDelimiter, "__", StringComparison.Ordinal);

    /// <summary>
    /// No settings: what the launcher and the tests go by, keys that settings name, and what Kubernetes tells every container of a service
    /// that has this name.
    /// </summary>
    private static bool IsForeign(string name, string value) =>
        Launchers().IsMatch(name) || Keys().IsMatch(name) || Services().IsMatch(name)
        || (Ports().IsMatch(name) && Address().IsMatch(value));

    private static IEnumerable<KeyValuePair<string, string>> OfThisProcess() => Environment.GetEnvironmentVariables()
        .Cast<DictionaryEntry>().Select(entry => KeyValuePair.Create((string)entry.Key, (string?)entry.Value ?? ""));

    [GeneratedRegex("^SAMOVAR_(ROOT|PROBE_ROOT|REGENERATE|RECORD|SHARED|STUB|FUZZ_SEED|SOAK_SEEDS|(TEST|BENCH|SETUP|NATIVE)_[A-Z0-9_]+)$",
        RegexOptions.ExplicitCapture, MatchMilliseconds)]
    private static partial Regex Launchers();

    [GeneratedRegex("^SAMOVAR(_[A-Z0-9]+)*_(KEY|TOKEN|SECRET)(_[A-Z0-9]+)*$", RegexOptions.ExplicitCapture, MatchMilliseconds)]
    private static partial Regex Keys();

    [GeneratedRegex("^SAMOVAR(_[A-Z0-9]+)*_(SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$",
        RegexOptions.ExplicitCapture, MatchMilliseconds)]
    private static partial Regex Services();

    [GeneratedRegex("^SAMOVAR(_[A-Z0-9]+)*_PORT$", RegexOptions.ExplicitCapture, MatchMilliseconds)]
    private static partial Regex Ports();

    [GeneratedRegex("^(tcp|udp|sctp)://", RegexOptions.ExplicitCapture, MatchMilliseconds)]
    private static partial Regex Address();
}
