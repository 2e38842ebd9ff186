using System.Text;
using Samovar.Cluster;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Relays;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;
using Samovar.Turns;

namespace Samovar.Tests.Peers;

/// <summary>A turn that is longer than what is kept of it, and is sent again where its answer broke off.</summary>
public sealed class RelayRejoinTests : IAsyncLifetime
{
    private const int Read = 1490, Said = 1500, All = 2000; // pieces
    private readonly ScriptedBackend _backend = new(new IdSource());
    private readonly TaskCompletionSource _isRead = new(), _go = new();
    private readonly PeerLab _lab = new();
    private RunningServer _server = null!;
    private int _pieces;

    public async ValueTask InitializeAsync()
    {
        _backend.OnPhase = async (_, phase, cancelled) =>
        {
            if (phase != ScriptPhase.Speaking) return;
            var piece = Interlocked.Increment(ref _pieces);
            if (piece == 1) await _isRead.Task.WaitAsync(cancelled); // from then on it waits for its reader
            if (piece == Said) await _go.Task.WaitAsync(cancelled);
        };
        _server = await ClusterHouse.StartAsync(_backend, new ClusterRows(), ("Replay:TurnBytesMax", "65536"));
    }

    public async ValueTask DisposeAsync()
    {
        _go.TrySetResult();
        await _server.DisposeAsync();
        _lab.Dispose();
    }

    [Fact]
    public async Task TurnThatIsSentAgain_IsReadFromBehindWhatItsSenderHas()
    {
        var last = await ReadAsync();
        var again = Assert.IsType<PeerAnswer.Running>(await SendAsync(after: last));
        _go.SetResult();
        var events = new List<LoggedEvent>();
        await foreach (var e in again.Events) events.Add(e);
        Assert.Equal(Enumerable.Range(1, events.Count).Select(n => last + n), events.Select(e => e.Number));
        Assert.Equal(All - Read, events.Count(IsPiece));
        Assert.Equal("response.completed", events[^1].Type);
        Assert.Equal(1, _backend.Turns);
    }

    [Fact]
    public async Task WhatIsKeptNoLonger_IsLost_AndNoFaultOfTheServers()
    {
        await ReadAsync();
        Assert.Equal(Errors.NodeLost.Code, Assert.IsType<PeerAnswer.Failed>(await SendAsync(after: -1)).Error.Kind.Code);
    }

    /// <summary>Reads a part, and breaks off.</summary>
    private async Task<long> ReadAsync()
    {
        var read = 0;
        var running = Assert.IsType<PeerAnswer.Running>(await SendAsync(after: -1));
        _isRead.SetResult();
        await foreach (var e in running.Events)
            if (IsPiece(e) && ++read == Read) return e.Number;
        throw new InvalidOperationException("It ended too soon.");
    }

    private Task<PeerAnswer> SendAsync(long after) => Soon.In(_lab.Links.SendAsync(
        new ClusterNode(new NodeName("one"), new Incarnation("node_one"), _server.Address, NodeState.Active),
        PeerLab.Turn with
        {
            Tenant = TenantId.Local, Id = new ResponseId("resp_of_a_peer"), Past = TurnPast.None, Previous = null, After = after,
            Sent = Encoding.UTF8.GetBytes($$"""{"model":"m","input":"[[final={{new string('x', 4 * All)}}]]"}"""),
        }, Soon.Token).AsTask());

    private static bool IsPiece(LoggedEvent e) => e.Type == "response.output_text.delta";
}
