using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Cluster;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Relays;
using Samovar.Server.Peers;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Peers;

/// <summary>What a node answers to another one, and to everybody else.</summary>
public sealed class RelayEndpointTests : IAsyncLifetime
{
    private readonly ScriptedBackend _backend = new(new IdSource());
    private readonly ClusterRows _rows = new();
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() =>
        _server = await ClusterHouse.StartAsync(_backend, _rows, ("Cluster:RelaySilenceMax", "00:00:00.5"));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Turn_RunsUnderTheNameThatItWasGiven_AndIsReadToItsEnd()
    {
        using var lab = new PeerLab();
        var running = Assert.IsType<PeerAnswer.Running>(await lab.Links.SendAsync(Here, Turn("[[final=hello there]]"), Soon.Token));
        var events = new List<string>();
        await foreach (var e in running.Events)
        {
            events.Add(e.Type);
            if (e.IsTerminal) Assert.Contains("resp_of_a_peer", Encoding.UTF8.GetString(e.Json.Span), StringComparison.Ordinal);
        }
        Assert.Equal("response.created", events[0]);
        Assert.Equal("response.completed", events[^1]);
    }

    [Fact]
    public async Task TurnThatIsRefused_FailsThereAsItWouldHere()
    {
        using var lab = new PeerLab();
        var failed = Assert.IsType<PeerAnswer.Failed>(await lab.Links.SendAsync(Here, Turn("hi", "resp_none"), Soon.Token));
        Assert.Equal((Errors.PreviousResponseNotFound.Code, "previous_response_id"), (failed.Error.Kind.Code, failed.Error.Param));
    }

    /// <summary>A turn that waits for a place says that it is there.</summary>
    [Fact]
    public async Task TurnThatHasNotBegun_IsNotGivenUp()
    {
        var (begun, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        _backend.OnPhase = async (_, phase, _) =>
        {
            if (phase != ScriptPhase.Begun) return;
            begun.TrySetResult();
            await go.Task;
        };
        using var reply = await _server.Http.SendAsync(Request(Turn("hi")), HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", reply.Content.Headers.ContentType?.MediaType);
        using var reader = new StreamReader(await reply.Content.ReadAsStreamAsync());
        await Soon.In(begun.Task);
        Assert.StartsWith(":", await Soon.In(reader.ReadLineAsync()), StringComparison.Ordinal);
        go.SetResult();
        Assert.EndsWith("\n\n", await Soon.In(reader.ReadToEndAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancel_EndsATurn_AndKnowsNoOther()
    {
        using var lab = new PeerLab();
        var last = LastAsync(await SpeakAsync(lab));
        Assert.Equal(HttpStatusCode.NotFound, await CancelAsync("resp_of_nobody"));
        Assert.Equal(HttpStatusCode.OK, await CancelAsync("resp_of_a_peer"));
        Assert.Equal("response.failed", await Soon.In(last));
    }

    /// <summary>Whoever has its chain now may make it again: what is here is nothing any more.</summary>
    [Fact]
    public async Task TurnWhoseChainWasTaken_IsNotReadAgain_AndEnds()
    {
        using var lab = new PeerLab();
        var last = LastAsync(await SpeakAsync(lab));
        Assert.Equal(HttpStatusCode.OK, await ReadAsync(after: 0));
        _rows.Owner = Taker;
        Assert.Equal(HttpStatusCode.NotFound, await ReadAsync(after: 0));
        Assert.Equal("response.failed", await Soon.In(last));
        await Soon.UntilAsync(() => _backend.Stopped == 1);
        Assert.Equal(HttpStatusCode.NotFound, await ReadAsync(after: -1)); // its end is no end of the turn
        _rows.TreesAway = new StoreAwayException("The database is away.");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await ReadAsync(after: -1));
    }

    [Fact]
    public async Task TurnWhoseChainWasTaken_IsNotResumedHere()
    {
        using var lab = new PeerLab();
        await SpeakAsync(lab);
        await using var socket = await _server.ConnectAsync();
        const string resume = """{"type":"response.resume","response_id":"resp_of_a_peer"}""";
        await socket.SendAsync(resume);
        Assert.Equal("response.created", (await socket.ReceiveAsync()).GetProperty("type").GetString());
        _rows.Owner = Taker;
        await using var other = await _server.ConnectAsync();
        var said = await other.AskAsync(resume);
        Assert.Equal("response_not_found", said[^1].GetProperty("error").GetProperty("code").GetString());
        Assert.Equal("response.failed", (await socket.ReceiveTurnAsync())[^1].GetProperty("type").GetString());
    }

    /// <summary>It is stored: whoever has its chain now tells the same of it.</summary>
    [Fact]
    public async Task TurnThatHasComeToItsEnd_IsReadAgain_WhoeverHasItsChain_AndNotBehindItsEnd()
    {
        using var lab = new PeerLab();
        await LastAsync(Assert.IsType<PeerAnswer.Running>(await lab.Links.SendAsync(Here, Turn("[[final=fine]]"), Soon.Token)));
        _rows.Owner = Taker;
        Assert.Equal(HttpStatusCode.OK, await ReadAsync(after: -1));
        Assert.Equal(HttpStatusCode.NotFound, await ReadAsync(after: 1000));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Samovar-Cluster of-somebody-else-0123456789-0123456789")]
    [InlineData("Bearer " + PeerLab.Key)]
    public async Task WhoHasNoKey_FindsNothing_AsWhereNothingIs(string? key)
    {
        using var request = Request(Turn("hi"), key);
        using var reply = await _server.Http.SendAsync(request);
        using var nowhere = await _server.Http.PostAsync("/cluster/nowhere", null);
        Assert.Equal(HttpStatusCode.NotFound, reply.StatusCode);
        Assert.Equal(await nowhere.Content.ReadAsStringAsync(),
            (await reply.Content.ReadAsStringAsync()).Replace("/cluster/turns", "/cluster/nowhere", StringComparison.Ordinal));
        Assert.Equal(0, _backend.Turns);
    }

    [Fact]
    public async Task ServerThatStandsAlone_HasNoDoorForPeers()
    {
        await using var alone = await RunningServer.StartAsync(_backend);
        using var request = Request(Turn("hi"));
        request.RequestUri = new Uri(alone.Address, PeerPaths.Turns);
        using var reply = await alone.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.NotFound, reply.StatusCode);
        Assert.Null(alone.Services.GetService<ICluster>());
        Assert.Null(alone.Services.GetService<PeerHttp>());
    }

    [Fact]
    public async Task WhatIsNoTurn_IsAFaultOfTheServers()
    {
        using var request = Request(Turn("hi"));
        request.Content = new StringContent("{\"tenant\":\"acme\"}\n{}");
        using var reply = await _server.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.InternalServerError, reply.StatusCode);
    }

    private static ClusterNode Taker { get; } =
        new(new NodeName("two"), new Incarnation("node_two"), new Uri("http://127.0.0.1:1"), NodeState.Active);

    private ClusterNode Here => new(new NodeName("one"), new Incarnation("node_one"), _server.Address, NodeState.Active);

    private static RelayedRequest Turn(string say, string? previous = null) => PeerLab.Turn with
    {
        Tenant = TenantId.Local,
        Id = new ResponseId("resp_of_a_peer"),
        Past = TurnPast.None,
        Previous = previous is null ? null : new ResponseId(previous),
        Sent = Encoding.UTF8.GetBytes(
            $$"""{"model":"m","input":"{{say}}"{{(previous is null ? "" : $",\"previous_response_id\":\"{previous}\"")}}}"""),
    };

    private static async Task<string> LastAsync(PeerAnswer.Running running)
    {
        var last = "";
        await foreach (var e in running.Events) last = e.Type;
        return last;
    }

    private HttpRequestMessage Request(RelayedRequest turn, string? key = "Samovar-Cluster " + PeerLab.Key)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_server.Address, "/cluster/turns"))
        {
            Content = new ByteArrayContent([.. RelayEnvelope.Of(turn).Line(), .. turn.Sent.Span]),
        };
        if (key is not null) request.Headers.TryAddWithoutValidation("Authorization", key);
        return request;
    }

    /// <summary>A turn that speaks until it is ended.</summary>
    private async Task<PeerAnswer.Running> SpeakAsync(PeerLab lab)
    {
        var spoke = new TaskCompletionSource();
        _backend.OnPhase = (_, phase, cancelled) =>
        {
            if (phase != ScriptPhase.Speaking) return ValueTask.CompletedTask;
            spoke.TrySetResult();
            return new(Task.Delay(Timeout.Infinite, cancelled));
        };
        var running = Assert.IsType<PeerAnswer.Running>(await lab.Links.SendAsync(Here, Turn("hi"), Soon.Token));
        await Soon.In(spoke.Task);
        return running;
    }

    private async Task<HttpStatusCode> ReadAsync(long after)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/cluster/turns/resp_of_a_peer/events?starting_after={after}");
        request.Headers.TryAddWithoutValidation("Authorization", "Samovar-Cluster " + PeerLab.Key);
        request.Headers.TryAddWithoutValidation("samovar-tenant", TenantId.Local.Value);
        using var reply = await Soon.In(_server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead));
        return reply.StatusCode;
    }

    private async Task<HttpStatusCode> CancelAsync(string id)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/cluster/turns/{id}/cancel");
        request.Headers.TryAddWithoutValidation("Authorization", "Samovar-Cluster " + PeerLab.Key);
        request.Headers.TryAddWithoutValidation("samovar-tenant", TenantId.Local.Value);
        using var reply = await _server.Http.SendAsync(request);
        return reply.StatusCode;
    }
}
