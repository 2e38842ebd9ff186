using System.CommandLine;
using System.Globalization;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Samovar.Backends;
using Samovar.Backends.Models;
using Samovar.Engine;
using Samovar.Server.Hosting;
using Samovar.Server.Page;
using Samovar.Storage.Sql;
using Samovar.Stores;

namespace Samovar.Cli.Commands;

/// <summary><c>serve</c> and <c>up</c>: run the server until it is asked to stop.</summary>
internal static class ServeCommand
{
    private const int BadSettings = 2;
    private const int CannotStart = 1;

    /// <param name="findsModel">Whether the best model at hand is taken when none is named.</param>
    public static Command Create(string name, string description, bool findsModel, Shell shell)
    {
        var config = ServeSettings.ConfigFile();
        var command = new Command(name, description) { config };
        foreach (var setting in ServeSettings.All) command.Add(setting.Option);
        command.SetAction((parsed, _) => RunAsync(ServeSettings.Read(parsed), parsed.GetValue(config), findsModel, shell));
        return command;
    }

    private static async Task<int> RunAsync(Dictionary<string, string?> settings, string? configPath, bool findsModel, Shell shell)
    {
        using var signals = SecondSignal.Watch(shell.Error);
        var opened = await OpenedSettings.ReadAsync(settings, configPath, findsModel, shell.Variables, AddTrial);
        if (opened.App is not { } app) return shell.Fail(BadSettings, opened.Errors);
        await using var owned = app;
        return await ServeAsync(app, shell, signals, (url, models) => PrintReady(
            app, shell.Output, url, models, isFound: opened.Found is not null && app.Configuration[SamovarHost.ModelPath] == opened.Found));
    }

    private static void AddTrial(IServiceCollection services) =>
        services.AddSingleton<IDeviceTrial>(provider => new DeviceTrial(provider.GetRequiredService<EngineOptions>()));

    /// <summary>Serves until it is asked to stop.</summary>
    /// <param name="ready">Says so: the address, the models.</param>
    public static async Task<int> ServeAsync(
        WebApplication app, Shell shell, SecondSignal signals, Action<string, IReadOnlyList<string>> ready)
    {
        var server = app.Services.GetRequiredService<ServerOptions>();
        if (!server.CrashFiles) CrashFiles.Forbid(app.Services.GetRequiredService<ILogger<WebApplication>>());
        CrashFiles.OutliveFileSizes();
        try
        {
            app.Services.GetRequiredService<ListenSocket>().Take(server);
            app.Services.GetService<SqlStore>()?.Begin(); // what a killed process left is read while the model loads
            var models = app.Services.GetRequiredService<ModelRouter>().Models.Select(model => model.Name).ToList(); // loads the model
            var url = await SamovarHost.StartAsync(app);
            signals.Serving();
            ready(url, models);
        }
        catch (Exception exception) when (exception is EngineLoadException or StoreRefusedException or NodeNameTakenException)
        {
            return shell.Fail(CannotStart, exception.Message);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            var address = string.Create(CultureInfo.InvariantCulture, $"{server.Host}:{server.Port}");
            return shell.Fail(CannotStart, $"Cannot listen on {address}: {Cause(exception)}.", AddressFault.Advice(exception));
        }
        await SamovarHost.WaitAndStopAsync(app);
        return 0;
    }

    private static void PrintReady(WebApplication app, TextWriter output, string url, IReadOnlyList<string> models, bool isFound)
    {
        var store = app.Services.GetRequiredService<StoreNote>().Line(app.Services.GetService<SqlStore>()?.Trouble);
        var hasPage = app.Services.GetRequiredService<PageOptions>().Enabled;
        var device = app.Services.GetService<LocalModels>()?.Only?.Model.Device;
        var dataPath = app.Services.GetRequiredService<ServerOptions>().DataPath;
        var state = app.Services.GetService<LocalModels>() is null ? null
            : StateNote.Of(app.Services.GetRequiredService<EngineOptions>(), dataPath);
        try { ReadyNote.Write(output, url, models, isFound, store, hasPage, state, device); }
        catch (IOException) { /* nobody reads it, or its disk is full: the server is ready all the same */ }
    }

    private static string Cause(Exception exception) =>
        exception.GetBaseException() is SocketException socket ? socket.Message : exception.Message;
}
