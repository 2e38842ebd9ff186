using Microsoft.Extensions.DependencyInjection;
using Samovar.Cli.Edge;
using Samovar.Gateway.Drivers;
using Samovar.Server.Monitoring;

namespace Samovar.Testing.Servers;

/// <summary>A server with the settings of <c>samovar edge</c>, impatient where a test would have to wait.</summary>
public static class EdgeServer
{
    /// <param name="upstream">Where its turns go.</param>
    /// <param name="dialect">What that speaks.</param>
    /// <param name="bridge">How long it waits for a link.</param>
    /// <param name="output">Gets its lines about bytes.</param>
    /// <param name="more">Settings over all these.</param>
    public static Task<RunningServer> StartAsync(
        Uri upstream, string dialect, TimeSpan bridge, TextWriter output, params (string Name, string Value)[] more)
    {
        ArgumentNullException.ThrowIfNull(upstream);
        ArgumentNullException.ThrowIfNull(more);
        var settings = EdgeSettings.Defaults();
        foreach (var (name, value) in EdgeSettings.Of(EdgeTarget.Of(upstream.ToString(), dialect), bridge, null)) settings[name] = value;
        settings["Server:Port"] = "0";
        settings["Server:DataPath"] = Path.Combine(Path.GetTempPath(), "samovar-edge-that-is-not-written");
        settings["Store:Kind"] = "memory";
        settings["Http:KeepAliveInterval"] = "00:00:00.1";
        settings["Upstream:BridgePauseMax"] = "00:00:00.02";
        settings["Upstream:RetryDelay"] = "00:00:00.001";
        settings["Logging:LogLevel:Default"] = "Error";
        foreach (var (name, value) in more) settings[name] = value;
        return RunningServer.StartAsync(null, settings,
            services => services.AddSingleton(provider => new SavedBytes(
                provider.GetRequiredService<UpstreamDrivers>(), output, provider.GetRequiredService<TimeProvider>())));
    }

    /// <summary>Bytes that it put on its links.</summary>
    public static long BytesUp(RunningServer edge)
    {
        ArgumentNullException.ThrowIfNull(edge);
        return edge.Services.GetRequiredService<UpstreamDrivers>().Wire.Up;
    }
}
