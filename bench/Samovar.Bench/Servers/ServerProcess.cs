using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Samovar.Bench.Servers;

/// <summary>The real server as its own process on a free port, as a user starts it: so that its memory and CPU are its own.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Port { get; }
    public Uri BaseUrl => new($"http://127.0.0.1:{Port}/v1");

    /// <summary>Starts <c>serve</c> with the given arguments and returns when it prints its ready line.</summary>
    public static async Task<ServerProcess> StartAsync(IEnumerable<string> arguments, TimeSpan patience)
    {
        var port = FreePort();
        var program = Path.Combine(AppContext.BaseDirectory, "Samovar.Server.dll");
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true };
        foreach (var argument in new[] { program, "serve", "--port",
            port.ToString(CultureInfo.InvariantCulture) }.Concat(arguments)) start.ArgumentList.Add(argument);
        var process = Process.Start(start) ?? throw new InvalidOperationException("The server did not start.");
        var server = new ServerProcess(process, port);
        using var deadline = new CancellationTokenSource(patience);
        while (await process.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
        {
            if (!line.Contains("Samovar is ready", StringComparison.Ordinal)) continue;
            _ = server.DrainAsync();
            return server;
        }
        throw new InvalidOperationException($"The server ended with exit code {process.ExitCode} before it was ready.");
    }

    /// <summary>Resident bytes of the server's process.</summary>
    public long ResidentBytes()
    {
        _process.Refresh();
        return _process.WorkingSet64;
    }

    public TimeSpan ProcessorTime()
    {
        _process.Refresh();
        return _process.TotalProcessorTime;
    }

    /// <summary>One of the engine's counters from <c>/health</c>.</summary>
    public async Task<long> CounterAsync(string name)
    {
        using var http = new HttpClient();
        using var json = JsonDocument.Parse(await http.GetStringAsync(new Uri($"http://127.0.0.1:{Port}/health")));
        return json.RootElement.GetProperty("engine").GetProperty(name).GetInt64();
    }

    private async Task DrainAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is not null) { }
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
