using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Cli.Edge;
using Samovar.Gateway.Drivers;
using Samovar.Server.Hosting;

namespace Samovar.Bench.Edge;

/// <summary>An edge with the settings of <c>samovar edge</c>, in this process, so that its bytes can be read.</summary>
internal sealed class EdgeProcess : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _folder;

    private EdgeProcess(WebApplication app, string folder) => (_app, _folder) = (app, folder);

    public Uri Address => new(_app.Urls.First());

    /// <summary>What it put on the link.</summary>
    public long BytesUp => _app.Services.GetRequiredService<UpstreamDrivers>().Wire.Up;

    public static async Task<EdgeProcess> StartAsync(Uri upstream)
    {
        var folder = Directory.CreateTempSubdirectory("samovar-bench-edge-").FullName;
        var settings = EdgeSettings.Of(EdgeTarget.Of(new Uri(upstream, "/v1").ToString(), "samovar"), bridge: null, keySetting: null);
        (settings["Server:Port"], settings["Server:DataPath"], settings["Store:Kind"]) = ("0", folder, "memory");
        var app = SamovarHost.Build(settings, defaults: EdgeSettings.Defaults());
        if (SamovarHost.Check(app) is { Count: > 0 } errors) throw new InvalidOperationException(string.Join(' ', errors));
        await SamovarHost.StartAsync(app);
        return new EdgeProcess(app, folder);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
