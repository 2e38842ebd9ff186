using System.Globalization;
using Samovar.Bench.Clients;
using Samovar.Bench.Servers;
using Samovar.Testing.Stores;

namespace Samovar.Bench.Workloads.Cluster;

/// <summary>Starts nodes on the one database; each cluster has a schema of its own.</summary>
internal sealed class ClusterLab(PostgresServer database)
{
    private static readonly TimeSpan StartMax = TimeSpan.FromMinutes(1);
    private static readonly string Key = new('k', 40);
    private int _schemas;

    public PostgresServer Database => database;

    /// <summary>Where the rows of a new cluster lie.</summary>
    public string NewAddress() => database.ConnectionString(
        string.Create(CultureInfo.InvariantCulture, $"cluster_{Interlocked.Increment(ref _schemas)}"));

    /// <summary>A node with an engine that takes no time.</summary>
    /// <param name="pace">From one token to the next.</param>
    public static async Task<ClusterNode> StartAsync(string address, string name, TimeSpan pace = default)
    {
        var port = ServerProcess.FreePort();
        return new ClusterNode(await ServerProcess.StartAsync(
            InstantServer.Program(pace), [], NodeSettings(address, name, port), StartMax, port));
    }

    public static Task<ClusterNode[]> StartAsync(string address, int count, TimeSpan pace = default) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(at => StartAsync(address, $"node-{(char)('a' + at)}", pace)));

    /// <summary>The settings that make a server a node.</summary>
    public static Dictionary<string, string> NodeSettings(string address, string name, int port)
    {
        var settings = StoreSettings(address);
        var self = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
        foreach (var (setting, value) in new[] { ("Address", self), ("Name", name), ("Key", Key) })
            settings["SAMOVAR_Cluster__" + setting] = value;
        return settings;
    }

    /// <summary>The settings of a server that has the database for itself.</summary>
    public static Dictionary<string, string> StoreSettings(string address) => new(StringComparer.Ordinal)
    {
        [ServerProcess.Store] = "postgres", ["SAMOVAR_Store__ConnectionString"] = address,
        ["SAMOVAR_Logging__LogLevel__Default"] = "Error",
    };
}

/// <summary>One node, and its clients' way to it.</summary>
internal sealed class ClusterNode(ServerProcess process) : IAsyncDisposable
{
    private readonly PostClient _client = new(process.BaseUrl, streams: true);

    public ServerProcess Process => process;

    /// <summary>A turn that may fail.</summary>
    public Task<TurnFigures> TryAsync(string? previous, int tokens, CancellationToken late, Action<ReadOnlyMemory<byte>>? seen = null) =>
        _client.TurnAsync(new TurnAsk(TurnAsk.User("And what is behind the next hill?"))
        {
            Stores = true, Previous = previous, OutputMax = tokens, Seen = seen, Instructions = previous is null ? "Be short." : null,
        }, late);

    /// <summary>A stored turn that ends well.</summary>
    public async Task<TurnFigures> TurnAsync(string? previous, int tokens, CancellationToken late,
        Action<ReadOnlyMemory<byte>>? seen = null)
    {
        var figures = await TryAsync(previous, tokens, late, seen);
        return figures.Error is null ? figures : throw new InvalidOperationException("A turn failed: " + figures.Error);
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();
}
