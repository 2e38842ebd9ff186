using System.Text;
using Microsoft.AspNetCore.Http;
using Samovar.Cluster;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Relays;
using Samovar.Stores;
using Samovar.Testing;

namespace Samovar.Tests.Peers;

/// <summary>What a node makes of whatever another one answers.</summary>
public sealed class PeerLinksTests : IDisposable
{
    private static readonly string Begun = OddPeer.Event("response.created", 0);
    private readonly PeerLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task Events_ComeAsTheyAre_ToTheTerminalOne()
    {
        var text = Begun + ": here\n\n" + OddPeer.Event("response.output_text.delta", 1, ",\"delta\":\"é\"")
            + OddPeer.Event("response.completed", 2) + OddPeer.Event("response.created", 3);
        await using var peer = await OddPeer.StartAsync(OddPeer.Streams(text));
        var events = await _lab.EventsAsync(peer);
        Assert.Equal([0, 1, 2], events.Select(e => e.Number));
        Assert.Equal(["response.created", "response.output_text.delta", "response.completed"], events.Select(e => e.Type));
        Assert.Equal("""{"type":"response.output_text.delta","sequence_number":1,"delta":"é"}""",
            Encoding.UTF8.GetString(events[1].Json.Span));
        Assert.Equal([false, false, true], events.Select(e => e.IsTerminal));
    }

    [Fact]
    public async Task Turn_ComesWhole_WithTheKey()
    {
        var (key, body) = ("", "");
        await using var peer = await OddPeer.StartAsync(async http =>
        {
            key = http.Request.Headers.Authorization.ToString();
            using var reader = new StreamReader(http.Request.Body);
            body = await reader.ReadToEndAsync();
            http.Response.StatusCode = 409;
            await http.Response.WriteAsync("""{"why":"moved"}""");
        });
        Assert.Equal(new PeerAnswer.Refused(PlaceRefusal.Moved), await _lab.SendAsync(peer));
        Assert.Equal("Samovar-Cluster " + PeerLab.Key, key);
        var lines = body.Split('\n', 2);
        Assert.Contains("\"epoch\":7", lines[0], StringComparison.Ordinal);
        Assert.Equal("""{"model":"m","input":"hi"}""", lines[1]);
    }

    [Theory]
    [InlineData("dead", "Dead")]
    [InlineData("draining", "Draining")]
    [InlineData("store_away", "StoreAway")]
    [InlineData("unsettled", "Unsettled")]
    [InlineData("of_another_version", "Unsettled")]
    public async Task Refusal_KeepsItsReason_AsAStatusAndInAStream(string why, string expected)
    {
        var refusal = new PeerAnswer.Refused(Enum.Parse<PlaceRefusal>(expected));
        await using var status = await OddPeer.StartAsync(OddPeer.Says(409, "application/json", $$"""{"why":"{{why}}"}"""));
        Assert.Equal(refusal, await _lab.SendAsync(status));
        await using var stream = await OddPeer.StartAsync(
            OddPeer.Streams($": here\n\nevent: refused\ndata: {{\"why\":\"{why}\"}}\n\n"));
        Assert.Equal(refusal, await _lab.SendAsync(stream));
    }

    [Fact]
    public async Task Error_IsTheSameHere_WithItsFieldAndItsWait()
    {
        await using var peer = await OddPeer.StartAsync(http =>
        {
            http.Response.Headers.RetryAfter = "7";
            return OddPeer.Says(429, "application/json", """
                {"error":{"message":"The rate limit is reached; try again in 7 s.","type":"rate_limit_error","param":"model",
                "code":"rate_limit_exceeded"}}
                """)(http);
        });
        var error = Assert.IsType<PeerAnswer.Failed>(await _lab.SendAsync(peer)).Error;
        Assert.Equal(Errors.RateLimited with { Message = error.Kind.Message }, error.Kind);
        Assert.Equal(("The rate limit is reached; try again in 7 s.", "model", TimeSpan.FromSeconds(7)),
            (error.Message, error.Param, error.RetryAfter));
    }

    [Fact]
    public async Task Error_OfTheStreamsBeginning_IsTheSameHere()
    {
        const string said = "{\"type\":\"error\",\"status\":400,\"error\":{\"message\":\"Previous response with id 'x' not found.\"," +
            "\"type\":\"invalid_request_error\",\"param\":\"previous_response_id\",\"code\":\"previous_response_not_found\"}}";
        await using var peer = await OddPeer.StartAsync(OddPeer.Streams($": here\n\nevent: error\ndata: {said}\n\n"));
        var error = Assert.IsType<PeerAnswer.Failed>(await _lab.SendAsync(peer)).Error;
        Assert.Equal(("previous_response_not_found", 400, "previous_response_id"), (error.Kind.Code, error.Kind.Status, error.Param));
    }

    [Fact]
    public async Task ErrorThatThisVersionDoesNotKnow_IsNoFaultOfTheClient()
    {
        await using var peer = await OddPeer.StartAsync(OddPeer.Says(418, "application/json",
            """{"error":{"message":"Of a later version.","type":"invalid_request_error","param":null,"code":"teapot"}}"""));
        var error = Assert.IsType<PeerAnswer.Failed>(await _lab.SendAsync(peer)).Error;
        Assert.Equal((500, "server_error", "Of a later version."), (error.Kind.Status, error.Kind.Code, error.Message));
    }

    [Theory]
    [InlineData(502, "text/html", "<html>Bad Gateway</html>")]
    [InlineData(500, "text/plain", "")]
    [InlineData(200, "application/json", "{}")]
    [InlineData(301, "text/html", "")]
    [InlineData(404, "application/json",
        """{"error":{"message":"Unknown request URL: POST /x.","type":"invalid_request_error","param":null,"code":"unknown_url"}}""")]
    public async Task WhatIsNoNodesWord_IsALostPeer_AndSaysWhatToLookAt(int status, string type, string body)
    {
        await using var peer = await OddPeer.StartAsync(OddPeer.Says(status, type, body));
        var lost = await Assert.ThrowsAsync<PeerLostException>(() => _lab.SendAsync(peer));
        Assert.True(lost.WasSent);
        Assert.Contains("Cluster:Key", Assert.Single(_lab.Lines.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data: {}\n\n")] // no name
    [InlineData("<html>\n")]
    [InlineData("event: response.created\ndata: {\n\n")]
    [InlineData("event: response.created\ndata: {\"sequence_number\":1.5}\n\n")]
    [InlineData("event: refused\ndata: {}\n\n")]
    [InlineData("event: error\ndata: {}\n\n")]
    [InlineData("")]
    public async Task StreamThatIsNoNodes_IsALostPeer(string text)
    {
        await using var peer = await OddPeer.StartAsync(OddPeer.Streams(text));
        Assert.True((await Assert.ThrowsAsync<PeerLostException>(() => _lab.EventsAsync(peer))).WasSent);
    }

    [Theory]
    [InlineData(2)] // one is missing
    [InlineData(0)] // one comes again
    public async Task EventOutOfTurn_IsALostPeer(int number)
    {
        await using var peer = await OddPeer.StartAsync(OddPeer.Streams(Begun + OddPeer.Event("response.completed", number)));
        await Assert.ThrowsAsync<PeerLostException>(() => _lab.EventsAsync(peer));
    }

    [Fact]
    public async Task TurnThatHadEventsBefore_BeginsWithItsOwnNumber()
    {
        await using var peer = await OddPeer.StartAsync(
            OddPeer.Streams(OddPeer.Event("response.in_progress", 4) + OddPeer.Event("response.failed", 5)));
        Assert.Equal([4, 5], (await _lab.EventsAsync(peer)).Select(e => e.Number));
    }

    [Fact]
    public async Task EventThatIsTooLarge_IsALostPeer()
    {
        var huge = OddPeer.Event("response.output_text.delta", 1, ",\"delta\":\"" + new string('x', 200_000) + "\"");
        await using var peer = await OddPeer.StartAsync(OddPeer.Streams(Begun + huge));
        var lost = await Assert.ThrowsAsync<PeerLostException>(() => _lab.EventsAsync(peer));
        Assert.Contains("too large", lost.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StreamThatIsCut_IsALostPeer()
    {
        await using var peer = await OddPeer.StartAsync(async http =>
        {
            await OddPeer.Streams(Begun)(http);
            await http.Response.Body.FlushAsync();
            http.Abort();
        });
        Assert.True((await Assert.ThrowsAsync<PeerLostException>(() => _lab.EventsAsync(peer))).WasSent);
    }

    [Fact]
    public async Task StreamThatEndsBeforeItsTurn_IsALostPeer()
    {
        await using var peer = await OddPeer.StartAsync(OddPeer.Streams(Begun));
        Assert.True((await Assert.ThrowsAsync<PeerLostException>(() => _lab.EventsAsync(peer))).WasSent);
    }

    [Fact]
    public async Task PeerThatIsNotThere_GotNothing()
    {
        var peer = await OddPeer.StartAsync(OddPeer.Streams(""));
        await peer.DisposeAsync();
        var lost = await Assert.ThrowsAsync<PeerLostException>(() => _lab.SendAsync(peer));
        Assert.False(lost.WasSent);
        Assert.Contains("cannot be reached", lost.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SilentPeer_IsLost_AfterTheTime()
    {
        var asked = new TaskCompletionSource();
        await using var peer = await OddPeer.StartAsync(async http =>
        {
            await http.Request.Body.CopyToAsync(Stream.Null);
            asked.SetResult();
            await OddPeer.GoneAsync(http);
        });
        var sending = _lab.SendAsync(peer);
        await Soon.In(asked.Task);
        _lab.Time.Advance(_lab.Options.RelaySilenceMax);
        var lost = await Assert.ThrowsAsync<PeerLostException>(() => sending);
        Assert.True(lost.WasSent);
        Assert.Contains("said nothing for 2.5 s", lost.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PeerThatFallsSilent_IsLost_AfterTheTime_ThatItsReaderWaited()
    {
        await using var peer = await OddPeer.StartAsync(OddPeer.Begins(Begun));
        await using var events = Assert.IsType<PeerAnswer.Running>(await _lab.SendAsync(peer)).Events.GetAsyncEnumerator();
        Assert.True(await events.MoveNextAsync());
        _lab.Time.Advance(10 * _lab.Options.RelaySilenceMax); // the reader takes its time: nobody listened
        var next = events.MoveNextAsync().AsTask();
        _lab.Time.Advance(_lab.Options.RelaySilenceMax / 2);
        Assert.False(next.IsCompleted);
        _lab.Time.Advance(_lab.Options.RelaySilenceMax);
        await Assert.ThrowsAsync<PeerLostException>(() => Soon.In(next));
    }

    [Fact]
    public async Task PeerThatIsSeenDead_IsNotWaitedFor()
    {
        await using var peer = await OddPeer.StartAsync(OddPeer.Begins(Begun));
        await using var events = Assert.IsType<PeerAnswer.Running>(await _lab.SendAsync(peer)).Events.GetAsyncEnumerator();
        Assert.True(await events.MoveNextAsync());
        var next = events.MoveNextAsync().AsTask();
        _lab.Nodes = [peer.Node with { State = NodeState.Dead }];
        _lab.Time.Advance(_lab.Options.BeatInterval);
        var lost = await Assert.ThrowsAsync<PeerLostException>(() => Soon.In(next));
        Assert.Contains("is dead", lost.Message, StringComparison.Ordinal);
        Assert.False((await Assert.ThrowsAsync<PeerLostException>(() => _lab.SendAsync(peer))).WasSent); // nor asked again
    }

    [Fact]
    public async Task SenderThatWantsNoMore_IsNotALostPeer()
    {
        using var cancelled = new CancellationTokenSource();
        await using var peer = await OddPeer.StartAsync(OddPeer.Begins(Begun));
        var running = Assert.IsType<PeerAnswer.Running>(await _lab.Links.SendAsync(peer.Node, PeerLab.Turn, cancelled.Token));
        await using var events = running.Events.GetAsyncEnumerator();
        Assert.True(await events.MoveNextAsync());
        var next = events.MoveNextAsync().AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon.In(next));
    }

    [Fact]
    public async Task Cancel_NamesTheTurn_AndFailsQuietly()
    {
        var asked = new TaskCompletionSource<(string Path, string Tenant)>();
        var peer = await OddPeer.StartAsync(http =>
        {
            asked.SetResult((http.Request.Path, http.Request.Headers["samovar-tenant"].ToString()));
            http.Response.StatusCode = 204;
            return Task.CompletedTask;
        });
        await _lab.Links.CancelAsync(peer.Node, new TenantId("acme"), new ResponseId("resp_1"), Soon.Token);
        Assert.Equal(("/cluster/turns/resp_1/cancel", "acme"), await Soon.In(asked.Task));
        await peer.DisposeAsync();
        await _lab.Links.CancelAsync(peer.Node, new TenantId("acme"), new ResponseId("resp_1"), Soon.Token);
    }

    [Fact]
    public async Task Key_IsInNoMessage()
    {
        await using var peer = await OddPeer.StartAsync(OddPeer.Says(404, "text/html", "nothing here"));
        var lost = await Assert.ThrowsAsync<PeerLostException>(() => _lab.SendAsync(peer));
        Assert.DoesNotContain(PeerLab.Key, lost.ToString() + string.Join('\n', _lab.Lines.Lines), StringComparison.Ordinal);
    }
}
