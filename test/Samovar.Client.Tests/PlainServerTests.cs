using Samovar.Client.Errors;
using Samovar.Client.Events;
using Samovar.Client.Requests;
using Samovar.Client.Settings;
using Samovar.Testing;
using Samovar.Testing.Upstreams;

namespace Samovar.Client.Tests;

/// <summary>Servers that are no Samovar: HTTP alone, or a WebSocket that resumes nothing.</summary>
public sealed class PlainServerTests
{
    private static readonly ResponseRequest Hi = ResponseRequest.Of("hi") with { Model = "m" };
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(426)]
    public async Task ServerWithoutAWebSocket_IsSpokenWithOverHttp(int status)
    {
        await using var server = await FakeUpstream.StartAsync("plain");
        server.RefuseUpgrade = status;
        await using var connection = Connect(server);
        var lane = connection.Start();
        var events = await Lab.ListAsync(lane.StreamAsync(Hi, Cancelled));
        Assert.Equal("seen 1", Lab.TextOf(events));
        var second = await lane.RunAsync(Hi, Cancelled);
        Assert.Equal("seen 3", second.Text); // the server has what went before
        Assert.True(connection.IsPlainHttp);
        Assert.All(server.Requests, request => Assert.Equal(-1, request.Connection));
        Assert.Single(server.Requests.Last().Json.GetProperty("input").EnumerateArray());
    }

    [Fact]
    public async Task SocketThatIsNoSamovar_GetsWholeFrames_AndDeltas()
    {
        await using var server = await FakeUpstream.StartAsync("plain");
        await using var connection = Connect(server);
        var lane = connection.Start();
        await lane.RunAsync(Hi with { Store = false }, Cancelled);
        var second = await lane.RunAsync(Hi with { Store = false }, Cancelled);
        Assert.Equal("seen 3", second.Text);
        var frame = server.Requests.Last();
        Assert.Equal("response.create", frame.Json.GetProperty("type").GetString());
        Assert.False(frame.Json.TryGetProperty("resume_key", out _));
        Assert.NotNull(frame.PreviousResponseId);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SocketThatIsLostBetweenTurns_CostsOneWholeRequest(bool store)
    {
        await using var server = await FakeUpstream.StartAsync("plain");
        await using var connection = Connect(server);
        var lane = connection.Start();
        await lane.RunAsync(Hi with { Store = store }, Cancelled);
        await server.Responses.DropSocketsAsync();
        await Soon.UntilAsync(() => !connection.IsOpen);
        Assert.Equal("seen 3", (await lane.RunAsync(Hi with { Store = store }, Cancelled)).Text);
        Assert.Equal(2, server.Requests.Count); // nothing was tried in vain
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ParentThatIsForgotten_NeverReachesTheCaller(bool hasSocket)
    {
        await using var server = await FakeUpstream.StartAsync("plain");
        if (!hasSocket) server.RefuseUpgrade = 404;
        await using var connection = Connect(server);
        var lane = connection.Start();
        await lane.RunAsync(Hi, Cancelled);
        server.Next(FakeFault.ParentForgotten);
        var second = await lane.RunAsync(Hi, Cancelled);
        Assert.Equal(("seen 3", 1), (second.Text, second.Resends));
    }

    [Theory]
    [InlineData(FakeFault.DropAfterCreated, true)]
    [InlineData(FakeFault.DropAfterDelta, false)]
    [InlineData(FakeFault.DropAfterDelta, true)]
    [InlineData(FakeFault.DropAfterSend, false)]
    public async Task TurnThatIsCut_IsNotRunTwice_UnlessTheCallerSaysSo(object fault, bool hasSocket)
    {
        await using var server = await FakeUpstream.StartAsync("plain");
        if (!hasSocket) server.RefuseUpgrade = 404;
        server.Next((FakeFault)fault);
        await using (var connection = Connect(server))
        {
            var error = await Assert.ThrowsAsync<ResponsesException>(() => connection.Start().RunAsync(Hi, Cancelled));
            Assert.Equal(ResponsesErrorKind.Lost, error.Kind);
            Assert.Single(server.Requests);
        }
        server.Next((FakeFault)fault);
        var options = new ResponsesOptions { BackoffFirst = TimeSpan.FromMilliseconds(1), RunsLostTurnsAgain = true };
        await using var again = new ResponsesConnection(new Uri(server.BaseUrl), options);
        var events = await Lab.ListAsync(again.Start().StreamAsync(Hi, Cancelled));
        Assert.IsType<TurnEvent.Completed>(events[^1]);
        var whole = events.Skip(events.FindIndex(e => e is TurnEvent.Restarted) + 1);
        Assert.Equal("seen 1", Lab.TextOf(whole));
    }

    [Fact]
    public async Task ServerWithoutRoom_IsAskedAgain_WhenItSaid()
    {
        var time = new ManualTime();
        await using var server = await FakeUpstream.StartAsync("plain", FakeFault.TooMany);
        server.RefuseUpgrade = 404;
        await using var connection = new ResponsesConnection(new Uri(server.BaseUrl), new ResponsesOptions { Time = time });
        var armed = time.WhenArmed(TimeSpan.FromSeconds(7));
        var turn = connection.Start().RunAsync(Hi, Cancelled);
        await Soon.In(armed);
        time.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal("seen 1", (await Soon.In(turn)).Text);
    }

    /// <summary>A clock that goes before the server's, or an answer that was long on its way.</summary>
    [Fact]
    public async Task WaitThatIsOver_IsNone()
    {
        await using var server = await FakeUpstream.StartAsync("plain");
        await using var connection = new ResponsesConnection(new Uri(server.BaseUrl), new ResponsesOptions
        {
            Transport = TransportChoice.Http, Handler = new FullOnce(new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero)),
        });
        Assert.Equal("seen 1", (await Soon.In(connection.Start().RunAsync(Hi, Cancelled))).Text);
    }

    private sealed class FullOnce(DateTimeOffset until) : DelegatingHandler(new SocketsHttpHandler())
    {
        private bool _hasRefused;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken caller)
        {
            if (_hasRefused) return base.SendAsync(request, caller);
            _hasRefused = true;
            var refusal = new HttpResponseMessage(System.Net.HttpStatusCode.TooManyRequests);
            refusal.Headers.RetryAfter = new System.Net.Http.Headers.RetryConditionHeaderValue(until);
            return Task.FromResult(refusal);
        }
    }

    [Fact]
    public async Task WaitThatIsTooLong_IsTheCallers()
    {
        await using var server = await FakeUpstream.StartAsync("plain", FakeFault.TooMany);
        var options = new ResponsesOptions { RetryAfterMax = TimeSpan.FromSeconds(5), Transport = TransportChoice.Http };
        await using var connection = new ResponsesConnection(new Uri(server.BaseUrl), options);
        var error = await Assert.ThrowsAsync<ResponsesException>(() => connection.Start().RunAsync(Hi, Cancelled));
        Assert.Equal((ResponsesErrorKind.RateLimited, TimeSpan.FromSeconds(7)), (error.Kind, error.RetryAfter));
    }

    [Theory]
    [InlineData(FakeFault.KeyRefused, ResponsesErrorKind.Authentication)]
    [InlineData(FakeFault.Invalid, ResponsesErrorKind.InvalidRequest)]
    public async Task Refusal_IsOneException(object fault, ResponsesErrorKind kind)
    {
        foreach (var transport in new[] { TransportChoice.WebSocket, TransportChoice.Http })
        {
            await using var server = await FakeUpstream.StartAsync("plain", (FakeFault)fault);
            await using var connection = new ResponsesConnection(new Uri(server.BaseUrl), Lab.Quick(transport));
            var error = await Assert.ThrowsAsync<ResponsesException>(() => connection.Start().RunAsync(Hi, Cancelled));
            Assert.Equal(kind, error.Kind);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ServerThatFallsSilent_IsLeft_InItsTime(bool hasSocket)
    {
        var time = new ManualTime();
        await using var server = await FakeUpstream.StartAsync("plain", FakeFault.HangAfterDelta);
        var options = new ResponsesOptions { Time = time, Transport = hasSocket ? TransportChoice.WebSocket : TransportChoice.Http };
        await using var connection = new ResponsesConnection(new Uri(server.BaseUrl), options);
        await using var events = connection.Start().StreamAsync(Hi, Cancelled).GetAsyncEnumerator(Cancelled);
        while (await Soon.In(events.MoveNextAsync().AsTask()) && events.Current is not TurnEvent.TextDelta) { }
        var next = events.MoveNextAsync().AsTask();
        time.Advance(options.SilenceMax);
        var error = await Assert.ThrowsAsync<ResponsesException>(async () =>
        {
            while (!next.IsCompleted)
            {
                time.Advance(TimeSpan.FromSeconds(10)); // the pauses between its tries
                await Task.Yield();
            }
            await next;
        });
        Assert.Equal(ResponsesErrorKind.Lost, error.Kind);
        Assert.Single(server.Requests, request => request.Json.TryGetProperty("input", out _)); // and nothing was asked for twice
    }

    [Theory]
    [InlineData(TransportChoice.Auto)]
    [InlineData(TransportChoice.WebSocket)]
    public async Task ServerThatIsNotReady_IsNoServerWithoutAWebSocket(TransportChoice transport)
    {
        await using var server = await FakeUpstream.StartAsync("plain");
        server.RefuseUpgrade = 503;
        await using var connection = new ResponsesConnection(new Uri(server.BaseUrl), Lab.Quick(transport));
        var error = await Assert.ThrowsAsync<ResponsesException>(() => connection.Start().RunAsync(Hi, Cancelled));
        Assert.Equal((ResponsesErrorKind.Unreachable, 503, false), (error.Kind, error.Status, connection.IsPlainHttp));
        foreach (var once in (Func<Task>[])[() => connection.OpenAsync(Cancelled), () => connection.Start().WarmUpAsync(Hi, Cancelled)])
        {
            error = await Assert.ThrowsAsync<ResponsesException>(once);
            Assert.Equal((ResponsesErrorKind.Unreachable, 503), (error.Kind, error.Status));
        }
        server.RefuseUpgrade = null;
        Assert.Equal("seen 1", (await connection.Start().RunAsync(Hi, Cancelled)).Text);
        Assert.Single(server.Requests);
    }

    /// <summary>A proxy's or a login's page is no word of the server about the caller.</summary>
    [Theory]
    [InlineData(401, "<html>", ResponsesErrorKind.Unreachable)]
    [InlineData(403, "Access denied by policy 7.", ResponsesErrorKind.Unreachable)]
    [InlineData(451, "<html>", ResponsesErrorKind.Unreachable)]
    [InlineData(407, "<html>", ResponsesErrorKind.Authentication)]
    [InlineData(401, "", ResponsesErrorKind.Authentication)]
    [InlineData(403, """{"error":{"message":"No."}}""", ResponsesErrorKind.Authentication)]
    public async Task PageInPlaceOfASocket_IsAsALinkThatIsLost(int status, string page, ResponsesErrorKind kind)
    {
        await using var server = await FakeUpstream.StartAsync("plain");
        (server.RefuseUpgrade, server.RefusedWith) = (status, page);
        await using var connection = new ResponsesConnection(new Uri(server.BaseUrl), Lab.Quick(TransportChoice.Auto));
        var error = await Assert.ThrowsAsync<ResponsesException>(() => connection.Start().RunAsync(Hi, Cancelled));
        Assert.Equal((kind, status, false), (error.Kind, error.Status, connection.IsPlainHttp));
        Assert.Equal(status == 407, error.Message.Contains("proxy", StringComparison.Ordinal));
        server.RefuseUpgrade = null;
        Assert.Equal("seen 1", (await connection.Start().RunAsync(Hi, Cancelled)).Text);
    }

    /// <summary>A server that had a WebSocket has one, as long as something before it may have lost it.</summary>
    [Fact]
    public async Task ServerThatHasNoWebSocketAnyMore_IsBelieved_WhenThatLasts()
    {
        var time = new ManualTime();
        await using var server = await FakeUpstream.StartAsync("plain");
        await using var connection = new ResponsesConnection(
            new Uri(server.BaseUrl), new ResponsesOptions { Time = time, AttemptsMax = 1 });
        await connection.Start().RunAsync(Hi, Cancelled);
        server.RefuseUpgrade = 404;
        await server.Responses.DropSocketsAsync();
        await Soon.UntilAsync(() => !connection.IsOpen);
        for (var tries = 0; tries < 2; tries++)
        {
            var error = await Assert.ThrowsAsync<ResponsesException>(() => connection.Start().RunAsync(Hi, Cancelled));
            Assert.Equal((ResponsesErrorKind.Unreachable, 404, false), (error.Kind, error.Status, connection.IsPlainHttp));
        }
        time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal("seen 1", (await connection.Start().RunAsync(Hi, Cancelled)).Text);
        Assert.Equal((true, 2), (connection.IsPlainHttp, server.Requests.Count));
    }

    private static ResponsesConnection Connect(FakeUpstream server) => new(new Uri(server.BaseUrl), Lab.Quick());
}
