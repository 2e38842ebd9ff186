using System.CommandLine;
using System.Globalization;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Samovar.Backends;
using Samovar.Engine;
using Samovar.Escaping;
using Samovar.Server.Hosting;

namespace Samovar.Cli.Commands;

/// <summary><c>serve</c> and <c>up</c>: run the server until it is asked to stop.</summary>
internal static class ServeCommand
{
    private const int BadSettings = 2;
    private const int CannotStart = 1;

    /// <param name="findsModel">Whether the best model at hand is taken when none is named.</param>
    public static Command Create(string name, string description, bool findsModel)
    {
        var config = new Option<string?>("--config")
        {
            Description = "Settings file. [samovar.json of the working folder, if there is one]",
            HelpName = "PATH",
        };
        var command = new Command(name, description) { config };
        foreach (var setting in ServeSettings.All) command.Add(setting.Option);
        command.SetAction((parsed, _) => RunAsync(ServeSettings.Read(parsed), parsed.GetValue(config), findsModel));
        return command;
    }

    private static async Task<int> RunAsync(Dictionary<string, string?> settings, string? configPath, bool findsModel)
    {
        if (configPath is not null && !File.Exists(configPath))
            return Fail(BadSettings, $"There is no settings file {Path.GetFullPath(configPath)}.");
        var found = findsModel ? ModelFiles.Best() : null;
        WebApplication app;
        try { app = SamovarHost.Build(settings, configPath, AddTrial, found); }
        catch (InvalidDataException exception) { return Fail(BadSettings, exception.Message, exception.InnerException?.Message); }
        await using var owned = app;
        if (SamovarHost.Check(app) is { Count: > 0 } errors) return Fail(BadSettings, [.. errors, .. Hints(app, findsModel)]);
        return await ServeAsync(app, found);
    }

    private static void AddTrial(IServiceCollection services) =>
        services.AddSingleton<IDeviceTrial>(provider => new DeviceTrial(provider.GetRequiredService<EngineOptions>()));

    private static async Task<int> ServeAsync(WebApplication app, string? found)
    {
        var server = app.Services.GetRequiredService<ServerOptions>();
        if (!server.CrashFiles) CrashFiles.Forbid(app.Services.GetRequiredService<ILogger<WebApplication>>());
        CrashFiles.OutliveFileSizes();
        try
        {
            app.Services.GetRequiredService<ListenSocket>().Take(server);
            var models = app.Services.GetRequiredService<ModelRouter>().Models.Select(model => model.Name).ToList(); // loads the model
            var url = await SamovarHost.StartAsync(app);
            PrintReady(app, url, models, isFound: found is not null && app.Configuration[SamovarHost.ModelPath] == found);
        }
        catch (EngineLoadException exception) { return Fail(CannotStart, exception.Message); }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            var address = string.Create(CultureInfo.InvariantCulture, $"{server.Host}:{server.Port}");
            return Fail(CannotStart, $"Cannot listen on {address}: {Cause(exception)}.",
                "Is another server running there? Choose another --port.");
        }
        await SamovarHost.WaitAndStopAsync(app);
        return 0;
    }

    private static void PrintReady(WebApplication app, string url, IReadOnlyList<string> models, bool isFound)
    {
        try { ReadyNote.Write(Console.Out, url, models, isFound, app.Services.GetService<ISequenceEngine>()?.Model.Device); }
        catch (IOException) { /* nobody reads it, or its disk is full: the server is ready all the same */ }
    }

    private static string Cause(Exception exception) =>
        exception.GetBaseException() is SocketException socket ? socket.Message : exception.Message;

    private static IEnumerable<string> Hints(WebApplication app, bool findsModel) =>
        findsModel && app.Configuration[SamovarHost.ModelPath] is null
            ? ["(No GGUF file was found in the models folder of the repository.)"]
            : [];

    private static int Fail(int exitCode, params IEnumerable<string?> lines)
    {
        foreach (var line in lines)
            if (line is not null) Console.Error.WriteLine("samovar: " + ForeignText.OneLine(line));
        return exitCode;
    }
}
