using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Threading.Channels;
using Samovar.Bench.Workloads.Stores;

namespace Samovar.Bench.Servers;

/// <summary>The real server as its own process on a free port, as a user starts it: so that its memory and CPU are its own.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    /// <summary>The setting that says where responses are stored.</summary>
    public const string Store = "SAMOVAR_Store__Kind";

    private const string DataPath = "SAMOVAR_Server__DataPath";
    private const int LinesKept = 64;
    private readonly Channel<string> _lines = Channel.CreateBounded<string>(
        new BoundedChannelOptions(LinesKept) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly Process _process;
    private readonly ScratchFolder? _data;
    private Task _draining = Task.CompletedTask;

    private ServerProcess(Process process, int port, ScratchFolder? data) => (_process, Port, _data) = (process, port, data);

    public int Port { get; }
    public Uri BaseUrl => new($"http://127.0.0.1:{Port}/v1");

    /// <summary>Starts <c>serve</c> with the given arguments and returns when it prints its ready line. Its data folder is its own, and
    /// goes with it: what an engine keeps in files would make the next one's work its own.</summary>
    public static Task<ServerProcess> StartAsync(IReadOnlyList<string> arguments, TimeSpan patience) =>
        StartAsync(["Samovar.Cli.dll"], arguments, new Dictionary<string, string>(), patience);

    /// <param name="program">The library to run, and what stands before the server's own command line.</param>
    /// <param name="environment">Settings: <c>SAMOVAR_Section__Name</c>.</param>
    /// <param name="chosen">The port, where a setting names it; null takes a free one.</param>
    public static async Task<ServerProcess> StartAsync(string[] program, IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string> environment, TimeSpan patience, int? chosen = null)
    {
        var port = chosen ?? FreePort();
        var data = arguments.Contains("--data") || environment.ContainsKey(DataPath) ? null : new ScratchFolder(null);
        var library = Path.Combine(AppContext.BaseDirectory, program[0]);
        string[] command = [library, .. program[1..], "serve", "--port", $"{port}", .. arguments];
        var start = new ProcessStartInfo("dotnet", command)
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardInput = true,
        };
        if (data is not null) start.Environment[DataPath] = data.Path;
        start.Environment[Store] = "memory"; // a workload that wants a file says so, and where
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var process = Process.Start(start) ?? throw new InvalidOperationException("The server did not start.");
        var server = new ServerProcess(process, port, data);
        using var deadline = new CancellationTokenSource(patience);
        while (await process.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
        {
            if (!line.Contains("Samovar is ready", StringComparison.Ordinal)) continue;
            server._draining = server.DrainAsync();
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

    /// <summary>Writes a question to the server's standard input and returns what stands behind <c>question=</c> in its answer.</summary>
    public async Task<string> AskAsync(string question, TimeSpan patience)
    {
        using var deadline = new CancellationTokenSource(patience);
        await _process.StandardInput.WriteLineAsync(question);
        while (true)
        {
            var line = await _lines.Reader.ReadAsync(deadline.Token);
            if (line.StartsWith(question + "=", StringComparison.Ordinal)) return line[(question.Length + 1)..];
        }
    }

    /// <summary>Ends it without a word, as a machine that fails.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Sends it a signal: <c>TERM</c>, <c>STOP</c>, <c>CONT</c>.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private async Task DrainAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line) _lines.Writer.TryWrite(line);
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
        await _draining;
        _process.Dispose();
        _data?.Dispose();
    }
}
