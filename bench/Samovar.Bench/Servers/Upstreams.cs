using System.Net.Http.Json;
using System.Text.Json;
using Samovar.Bench.Stub;

namespace Samovar.Bench.Servers;

/// <summary>An upstream that is one account, in a process of its own.</summary>
internal abstract class Upstream(string name, ChildProcess process) : IAsyncDisposable
{
    public string Name { get; } = name;
    public Uri BaseUrl => process.BaseUrl;
    public int Port => process.Port;

    /// <summary>Bytes of all request bodies and frames that reached it: its own count.</summary>
    public abstract Task<long> BytesInAsync();

    public TimeSpan ProcessorTime() => process.ProcessorTime();
    public long ResidentBytes() => process.ResidentBytes();

    /// <summary>Ends it without a word, as a machine that fails.</summary>
    public Task KillAsync() => process.KillAsync();

    public virtual ValueTask DisposeAsync() => process.DisposeAsync();
}

/// <summary>The bench's own stub on bare Kestrel.</summary>
internal sealed class PlainUpstream : Upstream
{
    private PlainUpstream(ChildProcess process) : base("Kestrel stub", process) { }

    /// <param name="port">0 takes a free one.</param>
    public static async Task<PlainUpstream> StartAsync(StubSpeed? speed = null, int port = 0, ReplicaPlan? replicas = null) =>
        new(await ChildProcess.BenchAsync(["stub", "--port", $"{port}", .. (speed ?? new StubSpeed()).Arguments(),
            .. (replicas ?? new ReplicaPlan()).Arguments()]));

    public static async Task<PlainUpstream[]> StartAsync(int count) =>
        await Task.WhenAll(Enumerable.Range(0, count).Select(_ => StartAsync()));

    public async Task<StubCounts> CountsAsync()
    {
        using var http = new HttpClient();
        return await http.GetFromJsonAsync<StubCounts>(new Uri($"http://127.0.0.1:{Port}/counts"), JsonSerializerOptions.Web)
            ?? throw new InvalidOperationException("The stub reports no counts.");
    }

    public override async Task<long> BytesInAsync() => (await CountsAsync()).BytesIn;
}

/// <summary>The scripted server for Node: an implementation that is not ours.</summary>
internal sealed class NodeUpstream : Upstream
{
    private readonly string? _log;

    private NodeUpstream(ChildProcess process, string? log) : base("Node stub", process) => _log = log;

    /// <param name="counts">Whether it writes down what it receives; costs it time.</param>
    public static async Task<NodeUpstream> StartAsync(string folder, bool counts = false)
    {
        var log = counts ? Path.GetTempFileName() : null;
        Dictionary<string, string> environment = log is null ? [] : new() { ["LOG"] = log };
        return new NodeUpstream(await ChildProcess.NodeAsync("stub.mjs", folder, environment), log);
    }

    public override async Task<long> BytesInAsync()
    {
        if (_log is null) throw new InvalidOperationException("This stub was not asked to count.");
        await using var file = new FileStream(_log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        var bytes = 0L;
        while (await reader.ReadLineAsync() is { } line)
        {
            using var entry = JsonDocument.Parse(line);
            bytes += entry.RootElement.GetProperty("ev").GetString() switch
            {
                "ws_in" => entry.RootElement.GetProperty("bytes").GetInt64(),
                "http" => entry.RootElement.GetProperty("bodyBytes").GetInt64(),
                _ => 0,
            };
        }
        return bytes;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_log is not null) File.Delete(_log);
    }
}
