using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Escaping;
using Samovar.Gateway.Destinations;
using Samovar.Server.Hosting;

namespace Samovar.Cli.Commands;

/// <summary><c>config check</c>: says everything that is wrong with the settings, without starting anything.</summary>
internal static class ConfigCommand
{
    private const int BadSettings = 2;

    public static Command Create()
    {
        var config = new Option<string?>("--config") { Description =
            "Settings file. [samovar.json of the working folder, if there is one]", HelpName = "PATH" };
        var check = new Command("check", "Check all settings at once: file, environment, command line.") { config };
        foreach (var setting in ServeSettings.All) check.Add(setting.Option);
        check.SetAction(async (parsed, _) =>
            await CheckAsync(ServeSettings.Read(parsed), parsed.GetValue(config), Console.Out, Console.Error));
        return new Command("config", "Work with the settings.") { check };
    }

    internal static async Task<int> CheckAsync(Dictionary<string, string?> settings, string? configPath, TextWriter output,
        TextWriter error)
    {
        if (configPath is not null && !File.Exists(configPath))
        {
            await error.WriteLineAsync("samovar: There is no settings file " + ForeignText.OneLine(Path.GetFullPath(configPath)) + ".");
            return BadSettings;
        }
        try
        {
            await using var app = SamovarHost.Build(settings, configPath);
            var errors = SamovarHost.Check(app);
            foreach (var line in errors) await error.WriteLineAsync("samovar: " + ForeignText.OneLine(line));
            if (errors.Count > 0) return BadSettings;
            foreach (var pool in app.Services.GetService<UpstreamOptions>()?.Pools ?? [])
                await output.WriteLineAsync(ForeignText.OneLine(Line(pool)));
        }
        catch (InvalidDataException exception)
        {
            var reason = $"{exception.Message} {exception.InnerException?.Message}";
            await error.WriteLineAsync("samovar: " + ForeignText.OneLine(reason));
            return BadSettings;
        }
        await output.WriteLineAsync("The settings are right.");
        return 0;
    }

    private static string Line(PoolOptions pool)
    {
        var destinations = pool.Destinations.Select(destination => $"{destination.Name} ({destination.Kind} at {destination.BaseUrl})");
        return $"pool {pool.Name}: {string.Join(", ", destinations)}";
    }
}
