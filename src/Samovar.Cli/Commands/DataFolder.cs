using System.CommandLine;
using Microsoft.Extensions.Configuration;
using Samovar.Cli.Agents;
using Samovar.Server.Hosting;
using Samovar.Server.Settings;

namespace Samovar.Cli.Commands;

/// <summary>The data folder of a server, for commands that look into it without one: by the same settings, in the same order.</summary>
internal sealed class DataFolder(IReadOnlyDictionary<string, string>? variables)
{
    private readonly Setting _data = ServeSettings.Data();
    private readonly Option<string?> _config = ServeSettings.ConfigFile();

    /// <summary>The options that say where it is.</summary>
    public IReadOnlyList<Option> Options => [_data.Option, _config];

    /// <exception cref="UsageException">The settings file cannot be read.</exception>
    public string Read(ParseResult parsed)
    {
        using var settings = new ConfigurationManager();
        var given = _data.ReadAll(parsed).Select(static one => new KeyValuePair<string, string?>(one.Key, one.Value));
        try { settings.AddSettings(given, parsed.GetValue(_config), variables); }
        catch (InvalidDataException exception) { throw new UsageException(exception.Message); }
        return PulledModels.DataPathOf(settings);
    }
}
