using Microsoft.Extensions.DependencyInjection;
using Samovar.Gateway.Destinations;
using Samovar.Protocol.Ids;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Edge;

/// <summary>An edge as the command makes it, in front of a real server over a scripted model, with a network between the two.</summary>
internal sealed class EdgeLab : IAsyncDisposable
{
    private readonly List<RunningServer> _upstreams;
    private readonly TextWriter _said;

    private EdgeLab(RunningServer upstream, ScriptedBackend backend, CuttingProxy network, RunningServer edge, TextWriter said) =>
        (_upstreams, Backend, Network, Server, _said) = ([upstream], backend, network, edge, said);

    public ScriptedBackend Backend { get; private set; }
    public CuttingProxy Network { get; }

    /// <summary>The edge.</summary>
    public RunningServer Server { get; }

    /// <summary>What it printed.</summary>
    public string Said => _said.ToString()!;

    /// <summary>That of the edge to the server.</summary>
    public DestinationWay Way => Server.Services.GetRequiredService<PoolTable>().Current[0].Destinations[0].State.Way;

    public long BytesUp => EdgeServer.BytesUp(Server);

    /// <param name="address">Where the edge goes; null: through the network.</param>
    /// <param name="bridge">How long it waits for a link.</param>
    /// <param name="upstream">Settings of the server.</param>
    /// <param name="edge">Settings of the edge.</param>
    public static async Task<EdgeLab> StartAsync(
        Func<Uri, Uri>? address = null, TimeSpan? bridge = null, IReadOnlyDictionary<string, string?>? upstream = null,
        params (string Name, string Value)[] edge)
    {
        var backend = new ScriptedBackend(new IdSource());
        var server = await RunningServer.StartAsync(backend, upstream);
        var network = new CuttingProxy(server.Address);
        var said = new Lines();
        var running = await EdgeServer.StartAsync(address?.Invoke(server.Address) ?? network.Address, "samovar",
            bridge ?? TimeSpan.FromMinutes(1), said,
            [("Upstream:ListedModelsMax", "0"), .. edge]); // a question of its own would be a connection of its own
        return new EdgeLab(server, backend, network, running, said);
    }

    public HistoryClient Client(string protocol, string? key = null) => HistoryClient.Of(protocol, Server.Http, key);

    /// <summary>Another server in the place of the one that was: it knows nothing.</summary>
    public async Task<ScriptedBackend> ReplaceUpstreamAsync()
    {
        Backend = new ScriptedBackend(new IdSource());
        _upstreams.Add(await RunningServer.StartAsync(Backend));
        Network.Server = _upstreams[^1].Address;
        Network.Cut();
        return Backend;
    }

    /// <summary>Lines that may be read while they are written.</summary>
    private sealed class Lines : StringWriter
    {
        private readonly Lock _gate = new();

        public override void WriteLine(string? value)
        {
            lock (_gate) base.WriteLine(value);
        }

        public override string ToString()
        {
            lock (_gate) return base.ToString();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Network.DisposeAsync();
        foreach (var upstream in _upstreams) await upstream.DisposeAsync();
    }
}
