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

    public static Command Create(Shell shell)
    {
        var config = ServeSettings.ConfigFile();
        var check = new Command("check", "Check all settings at once, as 'up' does: file, environment, command line.") { config };
        foreach (var setting in ServeSettings.All) check.Add(setting.Option);
        check.SetAction((parsed, _) => CheckAsync(ServeSettings.Read(parsed), parsed.GetValue(config), shell));
        return new Command("config", "Look at the settings.") { check };
    }

    internal static async Task<int> CheckAsync(Dictionary<string, string?> settings, string? configPath, Shell shell)
    {
        var opened = await OpenedSettings.ReadAsync(settings, configPath, findsModel: true, shell.Variables);
        if (opened.App is not { } app) return shell.Fail(BadSettings, opened.Errors);
        await using var owned = app;
        var store = app.Services.GetRequiredService<StoreNote>();
        if (store.FolderFault is { } fault) return shell.Fail(BadSettings, fault);
        foreach (var pool in app.Services.GetService<UpstreamOptions>()?.Pools ?? [])
            await shell.Output.WriteLineAsync(ForeignText.OneLine(Line(pool)));
        await shell.Output.WriteLineAsync($"stored responses: {store}");
        await shell.Output.WriteLineAsync("The settings are right.");
        return 0;
    }

    private static string Line(PoolOptions pool)
    {
        var destinations = pool.Destinations.Select(destination => $"{destination.Name} ({destination.Kind} at {destination.BaseUrl})");
        return $"pool {pool.Name}: {string.Join(", ", destinations)}";
    }
}
