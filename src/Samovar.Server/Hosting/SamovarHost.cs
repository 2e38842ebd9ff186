using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Samovar.Server.Http;

namespace Samovar.Server.Hosting;

/// <summary>Puts the server together: configuration, services, listener, routes. The only place that sees a container.</summary>
internal static class SamovarHost
{
    /// <summary>Settings from a file come first, the environment (<c>SAMOVAR_Server__Port</c>) over it, the given ones over both.</summary>
    /// <param name="settings">Configuration keys such as <c>Server:Port</c>.</param>
    /// <param name="configPath">A JSON file that must exist; null takes <c>samovar.json</c> of the working folder, if there is one.</param>
    /// <param name="configure">Runs before the defaults are added: a test puts its backend and its clock in here.</param>
    public static WebApplication Build(
        IEnumerable<KeyValuePair<string, string?>> settings, string? configPath = null, Action<IServiceCollection>? configure = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "Samovar", ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration
            .AddJsonFile(Path.GetFullPath(configPath ?? "samovar.json"), optional: configPath is null, reloadOnChange: false)
            .AddEnvironmentVariables("SAMOVAR_")
            .AddInMemoryCollection(settings);
        AddLogging(builder);
        configure?.Invoke(builder.Services);
        builder.Services.AddSamovar(builder.Configuration);
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRoutingCore();
        builder.Services.AddOptions<KestrelServerOptions>().Configure<ServerOptions, HttpOptions>(Listen);
        builder.Services.AddOptions<HostOptions>().Configure<ServerOptions>(
            (host, server) => host.ShutdownTimeout = server.DrainTimeMax + TimeSpan.FromSeconds(10)); // the rest after draining
        return builder.Build();
    }

    /// <summary>Checks every setting.</summary>
    /// <returns>All errors at once, as plain sentences; empty when the server may start.</returns>
    public static IReadOnlyList<string> Check(WebApplication app)
    {
        try
        {
            app.Services.GetService<IStartupValidator>()?.Validate();
            return [];
        }
        catch (OptionsValidationException exception) { return [.. exception.Failures]; }
        catch (AggregateException exception) { return [.. exception.InnerExceptions.SelectMany(Failures)]; }
        catch (InvalidOperationException exception) { return [.. Failures(exception)]; }
    }

    private static IEnumerable<string> Failures(Exception exception) =>
        exception is OptionsValidationException options ? options.Failures : [exception.InnerException is { } inner ? $"{exception.Message} {inner.Message}" : exception.Message];

    private static void AddLogging(WebApplicationBuilder builder)
    {
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
            console.UseUtcTimestamp = true;
        });
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace); // stdout is for the ready line
    }

    private static void Listen(KestrelServerOptions kestrel, ServerOptions server, HttpOptions http)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = http.BodyBytesMax;
        kestrel.Listen(server.Address()!, server.Port, listener => listener.Protocols = HttpProtocols.Http1);
    }
}
