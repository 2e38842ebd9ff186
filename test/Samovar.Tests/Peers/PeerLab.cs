using System.Text;
using Samovar.Budgets;
using Samovar.Cluster;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Requests;
using Samovar.Relays;
using Samovar.Scheduling.Fairness;
using Samovar.Server.Peers;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Turns;

namespace Samovar.Tests.Peers;

/// <summary>A node that sends turns, and what it needs for that.</summary>
internal sealed class PeerLab : ICluster, IDisposable
{
    public const string Key = "a-key-that-nobody-guesses-0123456789";
    private readonly PeerHttp _http;
    private readonly PeerDeaths _deaths;

    public PeerLab(Action<ClusterOptions>? set = null)
    {
        set?.Invoke(Options);
        _http = new PeerHttp(Options, ClusterKey.Of(Options));
        _deaths = new PeerDeaths(this, Options, Time);
        Links = new PeerLinks(_http, new PeerCalls(_deaths, Time), Options, new MemoryShares(new MemoryOptions(), 1 << 30, 0),
            new TurnOptions { LogBytesMax = 65_536 }, Time, Lines);
    }

    public ClusterOptions Options { get; } = new() { Key = Key, ConnectTimeMax = TimeSpan.FromMinutes(1) };
    public ManualTime Time { get; } = new();
    public LineLogger<PeerLinks> Lines { get; } = new();
    public PeerLinks Links { get; }
    public NodeStanding Standing { get; } = new(new Incarnation("node_here"));
    public IReadOnlyList<ClusterNode> Nodes { get; set; } = [];

    public static RelayedRequest Turn { get; } = new()
    {
        Tenant = new TenantId("acme"),
        Flow = new FlowId("acme/1"),
        Id = new ResponseId("resp_1"),
        Known = new ResponseId("resp_0"),
        Epoch = 7,
        Past = TurnPast.MayBeStored,
        Sent = Encoding.UTF8.GetBytes("""{"model":"m","input":"hi"}"""),
        IsBareFrame = null,
        Previous = new ResponseId("resp_0"),
        Hints = SessionHints.None,
        Events = ResponseEventOptions.Default,
    };

    public Task<PeerAnswer> SendAsync(OddPeer to) => Soon.In(Links.SendAsync(to.Node, Turn, Soon.Token).AsTask());

    public async Task<List<LoggedEvent>> EventsAsync(OddPeer to)
    {
        var events = new List<LoggedEvent>();
        await foreach (var e in Assert.IsType<PeerAnswer.Running>(await SendAsync(to)).Events) events.Add(e);
        return events;
    }

    public void Dispose()
    {
        _http.Dispose();
        _deaths.Dispose();
        Standing.Dispose();
    }
}
