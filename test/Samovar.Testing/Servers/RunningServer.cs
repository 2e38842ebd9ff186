using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Backends;
using Samovar.Server.Hosting;

namespace Samovar.Testing.Servers;

/// <summary>
/// The whole server on a free loopback port, with a backend of the test's own, or with the embedded engine where the settings name a model.
/// </summary>
public sealed class RunningServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningServer(WebApplication app)
    {
        _app = app;
        var listens = new Uri(app.Urls.First());
        Address = listens.Host == "0.0.0.0" ? new UriBuilder(listens) { Host = "127.0.0.1" }.Uri : listens;
        Http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = Address }; // one client is not one browser
    }

    /// <summary><c>http://127.0.0.1:PORT</c>.</summary>
    public Uri Address { get; }
    public HttpClient Http { get; }
    public IServiceProvider Services => _app.Services;

    /// <param name="backend">Null lets the settings decide.</param>
    /// <param name="settings">Configuration keys such as <c>WebSockets:MessageBytesMax</c>.</param>
    /// <param name="configure">More services of the test's own: a clock, ids.</param>
    public static async Task<RunningServer> StartAsync(
        IBackend? backend, IReadOnlyDictionary<string, string?>? settings = null, Action<IServiceCollection>? configure = null)
    {
        Dictionary<string, string?> all = new(StringComparer.OrdinalIgnoreCase)
        {
            ["Server:Port"] = "0",
            ["Server:DrainTimeMax"] = "00:00:00.2",
            ["Logging:LogLevel:Default"] = "Error",
            ["Store:Kind"] = "memory",
            ["Compaction:KeyFile"] = "", // a test that wants the file names it
            ["Upstream:AffinityPath"] = "", // a test that wants the file names it, and a data folder of its own
        };
        foreach (var (key, value) in settings ?? new Dictionary<string, string?>()) all[key] = value;
        var app = SamovarHost.Build(all, configPath: null, services =>
        {
            if (backend is not null) services.AddSingleton(backend);
            configure?.Invoke(services);
        });
        var errors = SamovarHost.Check(app);
        if (errors.Count > 0) throw new InvalidOperationException(string.Join(Environment.NewLine, errors));
        await SamovarHost.StartAsync(app);
        return new RunningServer(app);
    }

    /// <summary>Opens a WebSocket on a path, by default the create endpoint's.</summary>
    public Task<ClientSocket> ConnectAsync(
        Action<ClientWebSocketOptions>? options = null, string path = "/v1/responses", string query = "") =>
        ClientSocket.ConnectAsync(new UriBuilder(Address) { Scheme = "ws", Path = path, Query = query }.Uri, options);

    /// <summary>What SIGTERM does: drains, closes, ends.</summary>
    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
