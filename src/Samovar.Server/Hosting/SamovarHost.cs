using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Samovar.Engine;
using Samovar.Server.Http;
using Samovar.Server.Monitoring;
using Samovar.Server.Settings;

namespace Samovar.Server.Hosting;

/// <summary>Puts the server together: configuration, services, listener, routes. The only place that sees a container.</summary>
internal static class SamovarHost
{
    public const string ModelPath = $"{EngineOptions.Section}:{nameof(EngineOptions.ModelPath)}";

    /// <summary>How the sentence begins that says that there is nothing to serve.</summary>
    public const string NoModel = "No model is given";

    private const int BodyBytesPerSecondMin = 240;
    private static readonly TimeSpan BodyRateGrace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RestOfStopMax = TimeSpan.FromSeconds(10);

    /// <summary>Settings from a file come first, the environment (<c>SAMOVAR_Server__Port</c>) over it, the given ones over both.</summary>
    /// <param name="settings">Configuration keys such as <c>Server:Port</c>.</param>
    /// <param name="configPath">A JSON file that must exist; null takes the usual one, if there is one.</param>
    /// <param name="configure">Runs before the defaults are added: a test puts its backend and its clock in here.</param>
    /// <param name="modelAtHand">A GGUF file to serve where the settings name neither a model nor upstreams.</param>
    /// <param name="variables">The environment; null takes this process's own.</param>
    /// <param name="defaults">Settings of a command's own, below all others; a file of the working folder is not read then.</param>
    /// <exception cref="InvalidDataException">The settings file cannot be read; the message is a sentence.</exception>
    public static WebApplication Build(
        IEnumerable<KeyValuePair<string, string?>> settings, string? configPath = null, Action<IServiceCollection>? configure = null,
        string? modelAtHand = null, IReadOnlyDictionary<string, string>? variables = null,
        IEnumerable<KeyValuePair<string, string?>>? defaults = null)
    {
        var builder = WebApplication
            .CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "Samovar", ContentRootPath = AppContext.BaseDirectory });
        if (defaults is null) builder.Configuration.AddSettings(settings, configPath, variables);
        else builder.Configuration.AddSettings(settings, configPath, variables, defaults);
        if (modelAtHand is not null && string.IsNullOrEmpty(builder.Configuration[ModelPath])
            && !builder.Configuration.HasUpstreams() && !builder.Configuration.HasNamedModels())
            builder.Configuration.AddInMemoryCollection([new(ModelPath, modelAtHand)]);
        AddLogging(builder);
        builder.Services.AddSingleton(new ProcessVariables(
            variables is null ? Environment.GetEnvironmentVariable : variables.GetValueOrDefault));
        configure?.Invoke(builder.Services);
        builder.Services.AddSamovar(builder.Configuration);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null; // RequestBody has the bound: it counts after decompression
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(BodyBytesPerSecondMin, BodyRateGrace);
            kestrel.ConfigureEndpointDefaults(static listen =>
            {
                listen.Use(listen.ApplicationServices.GetRequiredService<ConnectionBound>().Before);
                listen.Use(LastWord.Before);
            });
        });
        builder.Services.AddSingleton<DiagnosticSource, ListenerFaults>(); // the listener takes this one; hosting has its own
        builder.Services.AddSingleton<ListenSocket>().AddOptions<SocketTransportOptions>()
            .Configure<ListenSocket, IServiceProvider>((sockets, listen, services) =>
            {
                sockets.CreateBoundListenSocket = address => listen.HandOver(address, services.GetRequiredService<ServerOptions>());
                sockets.UnsafePreferInlineScheduling = true; // nobody blocks a connection's thread (RequestBody), and each hop costs
            });
        builder.Services.AddRoutingCore();
        // WaitAndStopAsync has the deadline
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        return builder.Build();
    }

    /// <summary>Checks every setting.</summary>
    /// <param name="flags">Flags of the command line by the settings that they stand for.</param>
    /// <returns>All errors at once, as plain sentences; empty when the server may start.</returns>
    public static IReadOnlyList<string> Check(WebApplication app, IReadOnlyDictionary<string, string>? flags = null) =>
        SettingsCheck.Errors(app.Services, flags ?? new Dictionary<string, string>(StringComparer.Ordinal));

    /// <summary>Opens the listener; the first request can be served when this returns. Call it for settings that were checked.</summary>
    public static async Task<string> StartAsync(WebApplication app)
    {
        var server = app.Services.GetRequiredService<ServerOptions>();
        app.Urls.Add(new UriBuilder("http", server.Address()!.ToString(), server.Port).Uri.ToString());
        app.MapSamovar();
        await app.StartAsync();
        return app.Urls.First();
    }

    /// <summary>Waits for the signal to stop, then stops within the time that draining may take and a little more for cleanup.</summary>
    public static async Task WaitAndStopAsync(WebApplication app)
    {
        var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = app.Lifetime.ApplicationStopping.Register(signal.SetResult);
        await signal.Task;
        using var deadline = new CancellationTokenSource(app.Services.GetRequiredService<ServerOptions>().DrainTimeMax + RestOfStopMax);
        await app.StopAsync(deadline.Token);
    }

    private static void AddLogging(WebApplicationBuilder builder)
    {
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        // The request's logging scope would cost each idle socket 750 bytes; HttpEdge logs what goes wrong.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None); // the command line reports it itself
        // Behind these, since of two rules for one category the later one counts. A level that nobody knows is reported by Check, which
        // logs nothing; the logging itself would throw.
        if (!LogLevels.Faults(builder.Configuration).Any())
            builder.Logging.AddConfiguration(builder.Configuration.GetSection(LogLevels.Root));
        builder.Logging.AddConsoleFormatter<OneLineFormatter, ConsoleFormatterOptions>().AddConsole(console =>
        {
            console.FormatterName = OneLineFormatter.FormatterName;
            console.LogToStandardErrorThreshold = LogLevel.Trace; // stdout is for the ready line
            console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite; // a slow reader of the log holds nothing up
        });
    }
}
