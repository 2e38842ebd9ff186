using System.CommandLine;
using Microsoft.Extensions.Configuration;
using Samovar.Engine;
using Samovar.Server.Hosting;
using Samovar.Server.Settings;

namespace Samovar.Cli.Commands;

/// <summary><c>native-device</c>, which the launcher asks before it fetches a library: what the settings want to compute on.</summary>
internal static class NativeDeviceCommand
{
    /// <summary>Nothing of the launcher's is needed: a library of the user's own, only upstreams, or settings that are wrong.</summary>
    private const string None = "none";

    public static Command Create(Shell shell)
    {
        var config = ServeSettings.ConfigFile();
        var command = new Command("native-device", "Print the device that the settings name.") { config };
        foreach (var setting in ServeSettings.All) command.Add(setting.Option);
        command.Hidden = true;
        command.SetAction(parsed => shell.Output.WriteLine(Device(ServeSettings.Read(parsed), parsed.GetValue(config), shell)));
        return command;
    }

    private static string Device(Dictionary<string, string?> given, string? configPath, Shell shell)
    {
        using var settings = new ConfigurationManager();
        try { settings.AddSettings(given, configPath, shell.Variables); }
        catch (InvalidDataException) { return None; }
        var engine = settings.GetSection(EngineOptions.Section);
        if (!string.IsNullOrEmpty(engine[nameof(EngineOptions.LibraryPath)])) return None;
        if (string.IsNullOrEmpty(settings[SamovarHost.ModelPath]) && !settings.HasNamedModels() && settings.HasUpstreams()) return None;
        var device = engine[nameof(EngineOptions.Device)] ?? DeviceKinds.Auto;
        var property = typeof(EngineOptions).GetProperty(nameof(EngineOptions.Device))!;
        return new SettingKind(typeof(string), property).FaultOf(device) is null ? device : None;
    }
}
