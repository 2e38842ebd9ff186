using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Protocol.Ids;
using Samovar.Server.Monitoring;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;
using Samovar.Turns;

namespace Samovar.Tests.Edge;

/// <summary>What comes in as whole histories goes up as what is new.</summary>
public sealed class EdgeTests
{
    [Theory]
    [InlineData("chat")]
    [InlineData("messages")]
    [InlineData("responses")]
    public async Task WholeHistories_GoUpAsDeltas(string protocol)
    {
        await using var lab = await EdgeLab.StartAsync();
        var client = lab.Client(protocol);
        var (last, turns) = await client.WorkAsync("[[steps=20]] [[final=all is well]]", Words(500));
        Assert.Equal(("all is well", null, 21), (last.Text, last.Error, turns));
        Assert.Equal((21, 0), (lab.Backend.Turns, lab.Backend.Stopped));
        Assert.Equal(1, lab.Network.Connections); // one socket
        Assert.True(lab.BytesUp < client.BytesSent / 20, $"{lab.BytesUp} of {client.BytesSent} went up.");
        await Soon.UntilAsync(() => lab.Said.Contains("turn 21, completed: ", StringComparison.Ordinal)); // behind the answer's end
    }

    [Fact]
    public async Task AgentsAtOnce_ShareOneSocket()
    {
        await using var lab = await EdgeLab.StartAsync();
        var clients = Enumerable.Range(0, 12).Select(number => lab.Client(number % 2 == 0 ? "chat" : "messages")).ToList();
        var ends = await Task.WhenAll(clients.Select((client, number) =>
            client.WorkAsync($"[[steps=5]] [[final=agent {number} is done]]", Words(200))));
        Assert.Equal(Enumerable.Range(0, 12).Select(number => $"agent {number} is done"), ends.Select(end => end.Last.Text));
        Assert.Equal((72, 1), (lab.Backend.Turns, lab.Network.Connections));
    }

    /// <summary>A terminal that is paused, a pipe that nobody reads.</summary>
    [Fact]
    public async Task ReaderOfTheLines_ThatStandsStill_HoldsUpNoTurn()
    {
        using var paused = new PausedWriter();
        await using var upstream = await RunningServer.StartAsync(new ScriptedBackend(new IdSource()));
        await using var edge = await EdgeServer.StartAsync(upstream.Address, "samovar", TimeSpan.FromMinutes(1), paused);
        var agent = HistoryClient.Of("chat", edge.Http);
        foreach (var word in new[] { "one", "two", "three" })
            Assert.Equal(word, (await Soon.In(agent.SayAsync($"[[final={word}]]"))).Text);
        var others = Enumerable.Range(0, 50).Select(number => HistoryClient.Of("messages", edge.Http).SayAsync($"[[final={number}]]"));
        var ends = await Soon.In(Task.WhenAll(others));
        Assert.Equal(Enumerable.Range(0, 50).Select(number => $"{number}"), ends.Select(end => end.Text));
        var pipeline = edge.Services.GetRequiredService<TurnPipeline>();
        await Soon.UntilAsync(() => pipeline.Running == 0); // all places are given back
        var saved = edge.Services.GetRequiredService<SavedBytes>();
        var ending = saved.EndAsync(); // waits for a moment, and no longer
        await Soon.In(ending);
        paused.GoOn();
        await Soon.UntilAsync(() => paused.Lines == 54);
    }

    [Fact]
    public async Task Key_GoesUp_AndEachIsATenantOfItsOwn()
    {
        var keys = Path.GetTempFileName();
        await File.WriteAllTextAsync(keys, """{"tenants":{"alice":["sk-alice"],"bob":["sk-bob"]}}""");
        await using var lab = await EdgeLab.StartAsync(upstream: new Dictionary<string, string?> { ["Auth:KeyFile"] = keys });
        var (alice, bob, stranger) = (lab.Client("chat", "sk-alice"), lab.Client("messages", "sk-bob"), lab.Client("chat", "sk-eve"));
        Assert.Equal("one", (await alice.SayAsync("[[final=one]]")).Text);
        Assert.Equal("two", (await bob.SayAsync("[[final=two]]")).Text);
        Assert.Equal("three", (await alice.SayAsync("[[final=three]]")).Text);
        var refused = await stranger.SayAsync("[[final=four]]");
        Assert.Contains("invalid_api_key", refused.Error, StringComparison.Ordinal);
        Assert.Equal(3, lab.Backend.Turns);
        await Soon.UntilAsync(() => lab.Said.Contains("turn 4, ", StringComparison.Ordinal)); // the one that was refused too
        Assert.DoesNotContain("sk-", lab.Said, StringComparison.Ordinal);
        File.Delete(keys);
    }

    [Theory]
    [InlineData("chat", "samovar", 401, "invalid_api_key", "authentication_error")]
    [InlineData("messages", "samovar", 401, "invalid_api_key", "authentication_error")]
    [InlineData("responses", "samovar", 401, "invalid_api_key", "authentication_error")]
    [InlineData("chat", "openai", 401, "invalid_api_key", "authentication_error")]
    [InlineData("messages", "openai", 403, "permission_denied", "permission_error")]
    [InlineData("responses", "samovar", 403, "permission_denied", "permission_error")]
    [InlineData("messages", "openai", 402, "insufficient_quota", "billing_error")]
    [InlineData("responses", "openai", 402, "insufficient_quota", "billing_error")]
    [InlineData("chat", "openai", 400, "invalid_request_error", "invalid_request_error")]
    [InlineData("messages", "openai", 400, "invalid_request_error", "invalid_request_error")]
    public async Task KeyThatIsWrong_IsItsAgentsOwnFault(string protocol, string dialect, int status, string code, string type)
    {
        await using var upstream = await FakeUpstream.StartAsync("upstream");
        upstream.RefuseUpgrade = status;
        await using var edge = await EdgeServer.StartAsync(
            new Uri(upstream.BaseUrl), dialect, TimeSpan.FromSeconds(5), TextWriter.Null,
            ("Http:KeepAliveInterval", "00:01:00"), ("Upstream:CircuitFailures", "5"));
        for (var i = 0; i < 8; i++) // as often as it likes: nobody else is shut out
        {
            var refused = await HistoryClient.Of(protocol, edge.Http, "sk-wrong").SayAsync("one");
            Assert.Equal(status, (int)refused.Status);
            Assert.Contains(code, refused.Error, StringComparison.Ordinal);
            Assert.Contains(type, refused.Error, StringComparison.Ordinal);
        }
        upstream.RefuseUpgrade = null;
        Assert.Null((await HistoryClient.Of(protocol, edge.Http, "sk-right").SayAsync("one")).Error);
    }

    [Theory]
    [InlineData("chat", 401)]
    [InlineData("messages", 403)]
    [InlineData("responses", 451)]
    public async Task LoginPage_IsWaitedFor_LikeALinkThatIsAway(string protocol, int status)
    {
        await using var upstream = await FakeUpstream.StartAsync("upstream");
        (upstream.RefuseUpgrade, upstream.RefusedWith) = (status, "<html>Room number, please</html>");
        await using var edge = await EdgeServer.StartAsync(
            new Uri(upstream.BaseUrl), "samovar", TimeSpan.FromMinutes(1), TextWriter.Null, ("Http:KeepAliveInterval", "00:01:00"));
        var saying = HistoryClient.Of(protocol, edge.Http, "sk-right").SayAsync("one");
        await Soon.UntilAsync(() => upstream.UpgradesRefused > 1);
        upstream.RefuseUpgrade = null;
        Assert.Null((await Soon.In(saying)).Error);
    }

    [Theory]
    [InlineData("chat")]
    [InlineData("messages")]
    [InlineData("responses")]
    public async Task KeyThatIsRefusedInAFrame_IsAnsweredWithoutTheUpstreamsWords(string protocol)
    {
        await using var upstream = await FakeUpstream.StartAsync("upstream", FakeFault.KeyRefused);
        await using var edge = await EdgeServer.StartAsync(
            new Uri(upstream.BaseUrl), "samovar", TimeSpan.FromSeconds(5), TextWriter.Null, ("Http:KeepAliveInterval", "00:01:00"));
        var refused = await HistoryClient.Of(protocol, edge.Http, "sk-wrong").SayAsync("one");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.Status);
        Assert.Contains("invalid_api_key", refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-", refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("samovar")]
    [InlineData("openai")]
    public async Task KeyWhoseAccountIsSpent_StopsNoOther(string dialect)
    {
        await using var upstream = await FakeUpstream.StartAsync("upstream");
        await using var edge = await EdgeServer.StartAsync(
            new Uri(upstream.BaseUrl), dialect, TimeSpan.FromSeconds(5), TextWriter.Null, ("Http:KeepAliveInterval", "00:01:00"));
        var (alice, bob) = (HistoryClient.Of("chat", edge.Http, "sk-alice"), HistoryClient.Of("messages", edge.Http, "sk-bob"));
        Assert.Null((await alice.SayAsync("one")).Error);
        upstream.Next(FakeFault.QuotaSpent);
        var spent = await alice.SayAsync("two");
        Assert.Equal(HttpStatusCode.TooManyRequests, spent.Status);
        Assert.Contains("insufficient_quota", spent.Error, StringComparison.Ordinal);
        Assert.Null((await bob.SayAsync("three")).Error);
        var asked = upstream.Requests.Count;
        var paused = await alice.SayAsync("four");
        Assert.Equal((HttpStatusCode.TooManyRequests, asked), (paused.Status, upstream.Requests.Count));
        Assert.Null((await bob.SayAsync("five")).Error);
    }

    [Fact]
    public async Task EdgeThatBeginsAnew_SendsEachConversationWholeOnce()
    {
        var backend = new ScriptedBackend(new IdSource());
        await using var upstream = await RunningServer.StartAsync(backend);
        var said = TextWriter.Null;
        await using var first = await EdgeServer.StartAsync(upstream.Address, "samovar", TimeSpan.FromMinutes(1), said);
        await using var second = await EdgeServer.StartAsync(upstream.Address, "samovar", TimeSpan.FromMinutes(1), said);
        var client = new SwitchingClient();
        var agent = HistoryClient.Of("chat", client.Over(first.Http));
        Assert.Null((await agent.SayAsync("[[final=one]]")).Error);
        Assert.Null((await agent.SayAsync("[[final=two]]")).Error);
        client.Over(second.Http);
        Assert.Equal("three", (await agent.SayAsync("[[final=three]]")).Text);
        Assert.Equal("four", (await agent.SayAsync("[[final=four]]")).Text);
        Assert.Equal(4, backend.Turns);
    }

    [Fact]
    public async Task UpstreamsOwnRefusal_ReachesTheAgentAsItIs()
    {
        await using var upstream = await FakeUpstream.StartAsync("upstream", FakeFault.Invalid);
        await using var edge = await EdgeServer.StartAsync(
            new Uri(upstream.BaseUrl), "samovar", TimeSpan.FromSeconds(5), TextWriter.Null, ("Http:KeepAliveInterval", "00:01:00"));
        var client = HistoryClient.Of("chat", edge.Http);
        var refused = await client.SayAsync("too much");
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains("invalid_value", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RequestThatIsLongerThanUsual_GoesUp_WhereItIsLetIn()
    {
        await using var upstream = await FakeUpstream.StartAsync("upstream");
        await using var edge = await EdgeServer.StartAsync(new Uri(upstream.BaseUrl), "samovar", TimeSpan.FromSeconds(5), TextWriter.Null,
            ("Http:KeepAliveInterval", "00:01:00"), ("Http:BodyBytesMax", "40000000"));
        var half = new string('x', 9_000_000);
        using var body = new StringContent($$"""
            {"model":"m","messages":[{"role":"user","content":"{{half}}"},{"role":"user","content":"{{half}}"}]}
            """, Encoding.UTF8, "application/json");
        using var answer = await Soon.In(edge.Http.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), body));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.InRange(upstream.Requests.Single().Body.Length, 18_000_000, 19_000_000);
    }

    [Theory]
    [InlineData("chat", 300_000)]
    [InlineData("messages", 300_000)]
    [InlineData("responses", 300_000)]
    [InlineData("responses", 8_000_000)]
    public async Task RequestThatIsLongerThanTheServerTakes_IsRefusedAsThat_AndOthersGoOn(string protocol, int bytes)
    {
        await using var lab = await EdgeLab.StartAsync(
            upstream: new Dictionary<string, string?> { ["WebSockets:MessageBytesMax"] = "65536" },
            edge: ("Http:KeepAliveInterval", "00:01:00"));
        var refused = await Soon.In(lab.Client(protocol).SayAsync(new string('x', bytes)));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.Status);
        Assert.Contains("request_too_large", refused.Error, StringComparison.Ordinal);
        Assert.Equal(0, lab.Backend.Turns);
        var next = await lab.Client(protocol).SayAsync("[[final=well]]");
        Assert.Equal(((string?)null, "well"), (next.Error, next.Text));
    }

    private static string Words(int count) =>
        string.Join(' ', Enumerable.Range(0, count).Select(number => $"word{number * 7919 % 1000}"));

    /// <summary>An agent that goes on at another edge.</summary>
    private sealed class SwitchingClient : DelegatingHandler
    {
        private HttpClient? _to;

        public HttpClient Over(HttpClient to)
        {
            _to = to;
            return new HttpClient(this, disposeHandler: false) { BaseAddress = to.BaseAddress };
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using var other = new HttpRequestMessage(request.Method, new Uri(_to!.BaseAddress!, request.RequestUri!.PathAndQuery))
            {
                Content = new ByteArrayContent(await request.Content!.ReadAsByteArrayAsync(cancellationToken)),
            };
            other.Content.Headers.ContentType = request.Content.Headers.ContentType;
            return await _to.SendAsync(other, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
    }
}
