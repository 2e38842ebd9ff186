using Samovar.Client.Errors;
using Samovar.Client.Events;
using Samovar.Client.Requests;
using Samovar.Client.Settings;
using Samovar.Testing;
using Samovar.Testing.Upstreams;

namespace Samovar.Client.Tests;

/// <summary>What WebSockets of other servers do: they end at an age, know no lanes, make one response at a time, forget when
/// one connects again.</summary>
public sealed class SocketQuirkTests
{
    private static readonly ResponseRequest Hi = ResponseRequest.Of("hi") with { Model = "m" };
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SocketAtItsAge_RefusesATurn_WhichRunsOnTheNext(bool store)
    {
        await using var server = await FakeUpstream.StartAsync("plain");
        await using var connection = new ResponsesConnection(new Uri(server.BaseUrl), Lab.Quick());
        var lane = connection.Start();
        await lane.RunAsync(Hi with { Store = store }, Cancelled);
        server.Next(FakeFault.ConnectionLimit);
        var second = await lane.RunAsync(Hi with { Store = store }, Cancelled);
        Assert.Equal(("seen 3", 2), (second.Text, connection.SocketsOpened));
        Assert.Equal(3, server.Requests.Count);
    }

    /// <summary>It may close behind that word, and would seem to mean the one that comes next.</summary>
    [Fact]
    public async Task SocketThatWasSentTooMuch_IsLeftToWhoDidIt()
    {
        await using var server = await FakeUpstream.StartAsync("plain");
        await using var connection = new ResponsesConnection(new Uri(server.BaseUrl), Lab.Quick());
        server.Next(FakeFault.TooLong);
        var refused = await Assert.ThrowsAsync<ResponsesException>(() => connection.Start().RunAsync(Hi, Cancelled));
        Assert.Equal((ResponsesErrorKind.TooLarge, "request_too_large"), (refused.Kind, refused.Code));
        var next = await connection.Start().RunAsync(Hi, Cancelled);
        Assert.Equal(("seen 1", 2), (next.Text, connection.SocketsOpened));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OldSocket_IsLeftBetweenTurns_BeforeItsServerEndsIt(bool store)
    {
        var time = new ManualTime();
        await using var server = await FakeUpstream.StartAsync("plain");
        var options = new ResponsesOptions { Time = time, Transport = TransportChoice.WebSocket };
        await using var connection = new ResponsesConnection(new Uri(server.BaseUrl), options);
        var lane = connection.Start();
        await lane.RunAsync(Hi with { Store = store }, Cancelled);
        time.Advance(options.SocketAgeMax - TimeSpan.FromSeconds(1));
        await lane.RunAsync(Hi with { Store = store }, Cancelled);
        Assert.Equal(1, connection.SocketsOpened);
        time.Advance(TimeSpan.FromSeconds(1));
        var third = await lane.RunAsync(Hi with { Store = store }, Cancelled);
        Assert.Equal(("seen 5", 2, 0), (third.Text, connection.SocketsOpened, third.Resends));
        Assert.Equal(3, server.Requests.Count); // nothing was tried in vain
    }

    [Fact]
    public async Task TurnOnAnOldSocket_IsReadToItsEnd_WhileOthersBeginOnTheNext()
    {
        var time = new ManualTime();
        using var gate = new SemaphoreSlim(0);
        await using var server = await FakeUpstream.StartAsync("plain");
        var options = new ResponsesOptions { Time = time, Transport = TransportChoice.WebSocket, SilenceMax = TimeSpan.FromHours(2) };
        await using var connection = new ResponsesConnection(new Uri(server.BaseUrl), options);
        await connection.Start().RunAsync(Hi, Cancelled);
        server.Gate = gate;
        var first = connection.Start().RunAsync(Hi, Cancelled);
        await Soon.UntilAsync(() => server.Requests.Count == 2);
        time.Advance(options.SocketAgeMax);
        var second = connection.Start().RunAsync(Hi, Cancelled);
        await Soon.UntilAsync(() => server.Requests.Count == 3);
        gate.Release(10);
        Assert.Equal(("seen 1", "seen 1", 2), ((await Soon.In(first)).Text, (await Soon.In(second)).Text, connection.SocketsOpened));
    }

    /// <summary>Events that name no lane are those of the turn that waits longest.</summary>
    [Fact]
    public async Task ServerThatTakesNoNoticeOfLanes_AnswersEachTurnItsOwn()
    {
        using var gate = new SemaphoreSlim(0);
        await using var server = await FakeUpstream.StartAsync("plain");
        await using var connection = new ResponsesConnection(new Uri(server.BaseUrl), Lab.Quick(TransportChoice.WebSocket));
        await connection.Start().RunAsync(Hi, Cancelled);
        server.Gate = gate;
        var turns = new List<Task<ResponseResult>>();
        for (var items = 1; items <= 4; items++)
        {
            var request = Hi with { Input = [.. Enumerable.Repeat(Hi.Input[0], items)] };
            turns.Add(connection.Start().RunAsync(request, Cancelled));
        }
        gate.Release(10);
        var texts = new List<string>();
        foreach (var turn in turns) texts.Add((await Soon.In(turn)).Text);
        Assert.Equal(["seen 1", "seen 2", "seen 3", "seen 4"], texts);
        Assert.Equal(1, connection.SocketsOpened);
    }

    [Theory]
    [InlineData("""{"type":"error","status":400,"error":{"code":"unknown_parameter","param":"stream_id","message":"?"}}""")]
    [InlineData("""{"type":"error","status":409,"error":{"code":"response_already_in_flight","message":"Busy."}}""")]
    [InlineData("""{"type":"error","code":"invalid_stream_id","message":"Lanes are not known.","param":null}""")]
    public async Task ServerThatRefusesLanes_GetsOneTurnAfterTheOther(string refusal)
    {
        await using var server = await FakeUpstream.StartAsync("plain");
        server.Responses.LaneRefusal = refusal;
        await using var connection = new ResponsesConnection(new Uri(server.BaseUrl), Lab.Quick(TransportChoice.WebSocket));
        var all = await Soon.In(Task.WhenAll(Enumerable.Range(0, 6).Select(_ => connection.Start().RunAsync(Hi, Cancelled))));
        Assert.All(all, static one => Assert.Equal("seen 1", one.Text));
        Assert.Equal(1, connection.SocketsOpened);
        var named = server.Requests.Count(static request => request.Json.TryGetProperty("stream_id", out _));
        await connection.Start().RunAsync(Hi, Cancelled);
        Assert.Equal(named, server.Requests.Count(static request => request.Json.TryGetProperty("stream_id", out _))); // it is known now
    }

    /// <summary>Such a server knows no frame that ends a turn: it ends with its connection.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(32)]
    public async Task TurnThatIsLeft_EndsWithItsSocket_AndTheNextHasAnother(int lanes)
    {
        await using var server = await FakeUpstream.StartAsync("plain", FakeFault.HangAfterDelta);
        var options = new ResponsesOptions { Transport = TransportChoice.WebSocket, LanesMax = lanes };
        await using var connection = new ResponsesConnection(new Uri(server.BaseUrl), options);
        await foreach (var e in connection.Start().StreamAsync(Hi, Cancelled))
            if (e is TurnEvent.TextDelta) break;
        Assert.False(connection.IsOpen);
        Assert.Equal("seen 1", (await Soon.In(connection.Start().RunAsync(Hi, Cancelled))).Text);
        Assert.Equal(2, connection.SocketsOpened);
    }

    [Fact]
    public async Task TurnsBesideOneThatIsLeft_AreReadToTheirEnd()
    {
        using var gate = new SemaphoreSlim(0);
        await using var server = await FakeUpstream.StartAsync("plain");
        server.Gate = gate;
        await using var connection = new ResponsesConnection(new Uri(server.BaseUrl), Lab.Quick(TransportChoice.WebSocket));
        await using var first = connection.Start().StreamAsync(Hi, Cancelled).GetAsyncEnumerator(Cancelled);
        while (await Soon.In(first.MoveNextAsync().AsTask()) && first.Current is not TurnEvent.TextDelta) { }
        using var caller = new CancellationTokenSource();
        var left = connection.Start().RunAsync(Hi, caller.Token); // waits behind the first
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon.In(left));
        var next = connection.Start().RunAsync(Hi, Cancelled);
        await Soon.UntilAsync(() => server.Requests.Count == 2);
        gate.Release(10);
        Assert.Equal("seen 1", (await Soon.In(next)).Text);
        while (await Soon.In(first.MoveNextAsync().AsTask()) && !first.Current.IsTerminal) { }
        Assert.IsType<TurnEvent.Completed>(first.Current);
        Assert.Equal(2, connection.SocketsOpened);
    }

    [Fact]
    public async Task TurnThatWaitsForTheLaneOfOneThatIsLeft_RunsOnTheNextSocket()
    {
        await using var server = await FakeUpstream.StartAsync("plain", FakeFault.HangAfterDelta);
        var options = new ResponsesOptions
        {
            Transport = TransportChoice.WebSocket, LanesMax = 0, PingInterval = TimeSpan.FromHours(1), // which would find it dead
        };
        await using var connection = new ResponsesConnection(new Uri(server.BaseUrl), options);
        Task<ResponseResult>? waiting = null;
        await foreach (var e in connection.Start().StreamAsync(Hi, Cancelled))
        {
            if (e is not TurnEvent.TextDelta) continue;
            waiting = connection.Start().RunAsync(Hi, Cancelled);
            break;
        }
        Assert.Equal("seen 1", (await Soon.In(waiting!)).Text);
        Assert.Equal(2, connection.SocketsOpened);
    }

    /// <summary>A refused continuation makes such a server forget what was continued: the next turn does not notice.</summary>
    [Fact]
    public async Task RefusedContinuation_CostsOneWholeRequest_AndNothingElse()
    {
        await using var server = await FakeUpstream.StartAsync("plain");
        await using var connection = new ResponsesConnection(new Uri(server.BaseUrl), Lab.Quick(TransportChoice.WebSocket));
        var lane = connection.Start();
        await lane.RunAsync(Hi with { Store = false }, Cancelled);
        server.Next(FakeFault.Invalid);
        await Assert.ThrowsAsync<Errors.ResponsesException>(() => lane.RunAsync(Hi with { Store = false }, Cancelled));
        server.Next(FakeFault.ParentForgotten);
        var third = await lane.RunAsync(Hi with { Store = false }, Cancelled);
        Assert.Equal(("seen 3", 1), (third.Text, third.Resends));
    }

    [Fact]
    public async Task ResponseKnownByItsNameAlone_IsLost_WithItsServersWord()
    {
        await using var server = await FakeUpstream.StartAsync("plain");
        await using var connection = new ResponsesConnection(new Uri(server.BaseUrl), Lab.Quick(TransportChoice.WebSocket));
        var lost = await Assert.ThrowsAsync<Errors.ResponsesException>(
            () => connection.Continue("resp_of_yesterday").RunAsync(Hi, Cancelled));
        Assert.Equal((Errors.ResponsesErrorKind.Lost, "previous_response_not_found"), (lost.Kind, lost.Code));
    }

    /// <summary>Servers that go on from nothing, or not without a store, in their own words: llama.cpp, vLLM, gateways.</summary>
    [Theory]
    [InlineData(400, """{"error":{"code":400,"message":"llama.cpp does not support 'previous_response_id'.","type":"x"}}""")]
    [InlineData(500, """{"error":{"code":500,"message":"x.cpp does not support 'previous_response_id'.","type":"server_error"}}""")]
    [InlineData(404, """{"error":{"message":"Response with id '{id}' not found.","param":"response_id","code":404}}""")]
    [InlineData(400, """{"error":{"code":"invalid_prompt","message":"No response {id} is stored."}}""")]
    [InlineData(404, """{"error":{"type":"not_found_error","message":"not found"}}""")]
    public async Task ServerWithoutChains_GetsEverything_AfterOneRefusal(int status, string refusal)
    {
        await using var server = await FakeUpstream.StartAsync("plain");
        (server.RefuseUpgrade, server.Responses.ChainRefusal) = (404, (status, refusal));
        await using var connection = new ResponsesConnection(new Uri(server.BaseUrl), Lab.Quick());
        var lane = connection.Start();
        await lane.RunAsync(Hi, Cancelled);
        var second = await lane.RunAsync(Hi, Cancelled);
        Assert.Equal(("seen 3", 1), (second.Text, second.Resends));
        Assert.Equal("seen 5", (await lane.RunAsync(Hi, Cancelled)).Text);
        Assert.Equal(4, server.Requests.Count);
    }

    /// <summary>What stands before the server is away for a moment, or the server has something else: it knows chains still.</summary>
    [Theory]
    [InlineData("<html>no such page</html>", false)]
    [InlineData("<html>no such page</html>", true)]
    [InlineData("""{"error":{"type":"not_found_error","message":"not found"}}""", false)]
    public async Task OneRefusal_MakesNoServerWithoutChains(string refusal, bool isOnce)
    {
        await using var server = await FakeUpstream.StartAsync("plain");
        var left = 0;
        await using var connection = new ResponsesConnection(new Uri(server.BaseUrl), new ResponsesOptions
        {
            Transport = TransportChoice.Http, Handler = new Refusing(() => left-- > 0 ? refusal : null),
        });
        var lane = connection.Start();
        await lane.RunAsync(Hi, Cancelled);
        left = isOnce ? 1 : 2;
        if (isOnce) await lane.RunAsync(Hi, Cancelled);
        else await Assert.ThrowsAsync<Errors.ResponsesException>(() => lane.RunAsync(Hi, Cancelled));
        await lane.RunAsync(Hi, Cancelled);
        Assert.Single(server.Requests.Last().Json.GetProperty("input").EnumerateArray());
    }

    private sealed class Refusing(Func<string?> refusal) : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken caller) =>
            refusal() is not { } text ? base.SendAsync(request, caller)
            : Task.FromResult(new HttpResponseMessage(System.Net.HttpStatusCode.NotFound) { Content = new StringContent(text) });
    }

    [Fact]
    public async Task ServerThatIsSaidToHaveNoChains_GetsEverythingAtOnce()
    {
        await using var server = await FakeUpstream.StartAsync("plain");
        var options = new ResponsesOptions { Transport = TransportChoice.Http, KnowsChains = false };
        await using var connection = new ResponsesConnection(new Uri(server.BaseUrl), options);
        var lane = connection.Start();
        await lane.RunAsync(Hi, Cancelled);
        Assert.Equal("seen 3", (await lane.RunAsync(Hi, Cancelled)).Text);
        Assert.All(server.Requests, static request => Assert.Null(request.PreviousResponseId));
    }
}
