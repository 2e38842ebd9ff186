using System.Globalization;
using System.Text.Json;

namespace Samovar.Bench.Servers;

/// <summary>Samovar in front of upstreams, in a process of its own with a data folder of its own; its request log can be read.</summary>
internal sealed class GatewayServer : IAsyncDisposable
{
    private static readonly TimeSpan StartMax = TimeSpan.FromMinutes(1), CollectMax = TimeSpan.FromMinutes(1);
    private readonly ServerProcess _server;
    private readonly string _folder;

    private GatewayServer(ServerProcess server, string folder) => (_server, _folder) = (server, folder);

    public Uri BaseUrl => _server.BaseUrl;
    public int Port => _server.Port;

    /// <summary>Where its request log is, if it has one.</summary>
    public string LogPath => Path.Combine(_folder, LogName);

    /// <summary>Starts it with one pool whose destinations are the given upstreams, each an account.</summary>
    /// <param name="kind">What the destinations speak: <c>responses-ws</c>, <c>responses-http</c>, <c>chat</c>.</param>
    /// <param name="settings">More settings by their keys, such as <c>Upstream:IdleSocketsMax</c>.</param>
    public static Task<GatewayServer> StartAsync(
        string kind, IEnumerable<Uri> upstreams, bool logsRequests = false, params (string Key, string Value)[] settings) =>
        StartAsync("Samovar.Bench.dll", kind, upstreams, logsRequests, settings);

    /// <param name="build">The library of this bench, or of another build of it.</param>
    /// <inheritdoc cref="StartAsync(string, IEnumerable{Uri}, bool, ValueTuple{string, string}[])"/>
    public static async Task<GatewayServer> StartAsync(string build, string kind, IEnumerable<Uri> upstreams, bool logsRequests = false,
        params (string Key, string Value)[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("samovar-bench-").FullName;
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["SAMOVAR_Upstream__Pools__0__Name"] = "bench" };
        foreach (var (upstream, index) in upstreams.Select((upstream, index) => (upstream, index)))
        {
            var destination = $"SAMOVAR_Upstream__Pools__0__Destinations__{index}__";
            environment[destination + "Name"] = $"account-{index + 1}";
            environment[destination + "Kind"] = kind;
            environment[destination + "BaseUrl"] = upstream.ToString();
            environment[destination + "Models__0"] = "*";
            if (kind == "responses-http") environment[destination + "Stores"] = "true";
        }
        if (logsRequests) environment["SAMOVAR_Monitoring__RequestLogPath"] = LogName;
        foreach (var (key, value) in settings) environment["SAMOVAR_" + key.Replace(":", "__", StringComparison.Ordinal)] = value;
        string[] arguments = ["--data", folder, "--log-level", "Warning"];
        return new GatewayServer(
            await ServerProcess.StartAsync([build, "server"], arguments, environment, StartMax), folder);
    }

    public long ResidentBytes() => _server.ResidentBytes();
    public TimeSpan ProcessorTime() => _server.ProcessorTime();

    /// <summary>What its process has used since its start.</summary>
    public async Task<ProcessCosts> CostsAsync() =>
        ProcessCosts.Read(await _server.AskAsync(MeasuredServer.CostsQuestion, CollectMax), _server.ProcessorTime());

    /// <summary>Managed bytes that are alive after a full collection.</summary>
    public async Task<long> LiveBytesAsync() =>
        long.Parse(await _server.AskAsync(MeasuredServer.LiveQuestion, CollectMax), CultureInfo.InvariantCulture);

    /// <summary>A metric of <c>/metrics</c>, summed over its labels where they contain the given text.</summary>
    public async Task<double> MetricAsync(string name, string labels = "")
    {
        using var http = new HttpClient();
        var text = await http.GetStringAsync(new Uri($"http://127.0.0.1:{Port}/metrics"));
        return text.Split('\n')
            .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line.Contains(labels, StringComparison.Ordinal))
            .Where(line => line[name.Length] is ' ' or '{')
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    /// <summary>The records of all requests so far, once the given number of them is there.</summary>
    public async Task<IReadOnlyList<JsonElement>> RecordsAsync(int count, TimeSpan patience)
    {
        using var deadline = new CancellationTokenSource(patience);
        while (true)
        {
            var lines = await LinesAsync(deadline.Token);
            if (lines.Length >= count) return [.. lines.Select(line => JsonDocument.Parse(line).RootElement)];
            await Task.Delay(TimeSpan.FromMilliseconds(50), deadline.Token);
        }
    }

    private const string LogName = "requests.jsonl";

    private async Task<string[]> LinesAsync(CancellationToken late)
    {
        if (!File.Exists(LogPath)) return [];
        await using var file = new FileStream(LogPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        var text = await reader.ReadToEndAsync(late);
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
