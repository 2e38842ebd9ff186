using System.CommandLine;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Cli.Agents;
using Samovar.Cli.Edge;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Drivers;
using Samovar.Server.Hosting;
using Samovar.Server.Monitoring;
using Samovar.Storage.Sql;

namespace Samovar.Cli.Commands;

/// <summary><c>samovar edge --to URL</c>: a local server for agents that send whole histories, in front of a bad link.</summary>
internal sealed class EdgeCommand
{
    private const int BadSettings = 2;
    private const double BridgeSecondsMax = 3600;

    private readonly Option<string> _to = new("--to")
    {
        Description = "The Samovar, or provider of the Responses API, that answers.", HelpName = "URL", Required = true,
    };
    private readonly Option<string?> _dialect = new("--dialect")
    {
        Description = "What it is: samovar, openai, xai. [by its host; else samovar]", HelpName = "NAME",
    };
    private readonly Option<double?> _bridge = new("--bridge")
    {
        Description = "Seconds that a link may be cut before agents hear of it. [300]", HelpName = "SECONDS",
    };
    private readonly Option<string?> _keyName = new("--key-env")
    {
        Description = "Environment variable that holds the upstream's key. [the key that the agent sends]", HelpName = "NAME",
    };
    private readonly Option<string?> _keyFile = new("--key-file") { Description = "File that holds it.", HelpName = "PATH" };
    private readonly Option<string?> _config = new("--config")
    {
        Description = "Settings file for what has no option here.", HelpName = "PATH",
    };
    private readonly Setting[] _settings =
    [
        Setting.Number("--port", "Server:Port", "Port to listen on, on 127.0.0.1; 0 takes a free one. [8788]", "N"),
        Setting.Of<string>("--data", "Server:DataPath", "The only folder that is written to. [samovar-edge in your data home]", "DIR"),
        Setting.Of<string>("--store", "Store:Kind",
            "Where responses are kept whose client stores them: memory, sqlite (in the data folder). [sqlite]", "KIND"),
        Setting.Of<string>("--log-level", "Logging:LogLevel:Default", "Trace, Debug, Information, Warning, Error. [Warning]", "LEVEL"),
    ];
    private readonly Shell _shell;

    private EdgeCommand(Shell shell)
    {
        _shell = shell;
        _dialect.AcceptOnlyFromAmong([.. EdgeTarget.Dialects]);
    }

    public static Command Create(Shell shell)
    {
        var edge = new EdgeCommand(shell);
        var command = new Command("edge", "Carry agents that send whole histories over a bad link: deltas go up, cuts are bridged.")
        {
            edge._to, edge._dialect, edge._bridge, edge._keyName, edge._keyFile,
        };
        foreach (var setting in edge._settings) command.Add(setting.Option);
        command.Add(edge._config);
        command.SetAction((parsed, _) => edge.RunAsync(parsed));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed)
    {
        var target = EdgeTarget.Of(parsed.GetValue(_to)!, parsed.GetValue(_dialect));
        var key = KeySetting(parsed);
        var given = EdgeSettings.Of(target, Bridge(parsed), key);
        foreach (var setting in _settings)
            foreach (var (name, value) in setting.ReadAll(parsed)) given[name] = value;
        using var signals = SecondSignal.Watch(_shell.Error);
        WebApplication app;
        try
        {
            app = SamovarHost.Build(given, parsed.GetValue(_config), services => services.AddSingleton(provider =>
                new SavedBytes(
                    provider.GetRequiredService<UpstreamDrivers>(), _shell.Output, provider.GetRequiredService<TimeProvider>())),
                variables: _shell.Variables, defaults: EdgeSettings.Defaults());
        }
        catch (InvalidDataException exception) { return _shell.Fail(BadSettings, exception.Message); }
        await using var owned = app;
        if (SamovarHost.Check(app, Flags()) is { Count: > 0 } errors) return _shell.Fail(BadSettings, errors);
        var bridge = app.Services.GetRequiredService<UpstreamOptions>().BridgeMax;
        var trial = Task.CompletedTask;
        var exitCode = await ServeCommand.ServeAsync(app, _shell, signals, (url, _) =>
        {
            try
            {
                EdgeNote.Write(_shell.Output, url, target, bridge, hasKey: key is not null, StoreTrouble(app));
            }
            catch (IOException) { /* nobody reads it */ }
            trial = EdgeTrial.RunAsync(_shell.Output, target.BaseUrl, bridge);
        });
        await trial;
        if (exitCode == 0) await app.Services.GetRequiredService<SavedBytes>().EndAsync();
        return exitCode;
    }

    /// <summary>What an edge says of its store: nothing, where that is there.</summary>
    private static string? StoreTrouble(WebApplication app) => app.Services.GetService<SqlStore>()?.Trouble is { } trouble
        ? app.Services.GetRequiredService<StoreNote>().Line(trouble) : null;

    private (string, string)? KeySetting(ParseResult parsed) => (parsed.GetValue(_keyName), parsed.GetValue(_keyFile)) switch
    {
        (not null, not null) => throw new UsageException("--key-env and --key-file both name the upstream's key; give one of them."),
        ({ } name, null) => (nameof(DestinationOptions.KeyEnvironment), name),
        (null, { } path) => (nameof(DestinationOptions.KeyFile), path),
        _ => null,
    };

    private TimeSpan? Bridge(ParseResult parsed) => parsed.GetValue(_bridge) switch
    {
        null => null,
        >= 0 and <= BridgeSecondsMax and var seconds => TimeSpan.FromSeconds(seconds),
        _ => throw new UsageException($"--bridge must be a number of seconds from 0 to {BridgeSecondsMax}."),
    };

    private Dictionary<string, string> Flags() =>
        _settings.ToDictionary(setting => setting.Key, setting => setting.Option.Name, StringComparer.OrdinalIgnoreCase);
}
