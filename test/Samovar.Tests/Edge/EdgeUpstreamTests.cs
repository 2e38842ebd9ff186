using Samovar.Testing;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;

namespace Samovar.Tests.Edge;

/// <summary>Upstreams that are no Samovar, and such as mean no good.</summary>
public sealed class EdgeUpstreamTests
{
    [Fact]
    public async Task Provider_GetsDeltas_AndIsWaitedForWhileNothingWasSent()
    {
        await using var provider = await FakeUpstream.StartAsync("provider");
        await using var network = new CuttingProxy(new Uri(provider.BaseUrl));
        await using var edge = await EdgeServer.StartAsync(network.Address, "openai", TimeSpan.FromMinutes(1), TextWriter.Null);
        var client = HistoryClient.Of("chat", edge.Http);
        foreach (var words in (string[])["one", "two", "three"]) Assert.Null((await client.SayAsync(words)).Error);
        Assert.Single(provider.Requests.Last().Json.GetProperty("input").EnumerateArray());
        network.IsAway = true;
        var waits = new TaskCompletionSource();
        client.OnSilence = () => waits.TrySetResult();
        var asked = client.SayAsync("four");
        await Soon.In(waits.Task);
        network.IsAway = false;
        Assert.Null((await Soon.In(asked)).Error);
        Assert.Equal(4, provider.Requests.Count);
    }

    [Fact]
    public async Task Provider_ThatStaysAway_IsAnErrorBehindTheBound()
    {
        await using var provider = await FakeUpstream.StartAsync("provider");
        await using var network = new CuttingProxy(new Uri(provider.BaseUrl)) { IsAway = true };
        await using var edge = await EdgeServer.StartAsync(network.Address, "openai", TimeSpan.FromSeconds(0.3), TextWriter.Null);
        var heard = await Soon.In(HistoryClient.Of("messages", edge.Http).SayAsync("one"));
        Assert.Contains("No connection came about", heard.Error, StringComparison.Ordinal);
        Assert.Empty(provider.Requests);
    }

    [Fact]
    public async Task TurnThatStaysSilent_IsReadOnOverOtherLinks_AndNotRunASecondTime()
    {
        await using var upstream = await SilentUpstream.StartAsync();
        await using var edge = await EdgeServer.StartAsync(new Uri(upstream.BaseUrl), "samovar", TimeSpan.FromSeconds(0.3), TextWriter.Null,
            ("Upstream:FirstEventTimeout", "00:00:00.2"), ("Upstream:IdleTimeout", "00:00:00.2"));
        var heard = await Soon.In(HistoryClient.Of("chat", edge.Http).SayAsync("one"));
        Assert.Contains("did not answer in time", heard.Error, StringComparison.Ordinal);
        Assert.Equal(1, upstream.Creates);
        Assert.InRange(upstream.Resumes, 1, 5);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("42")]
    [InlineData("")]
    [InlineData("""{"type":"response.completed"}""")]
    [InlineData("""{"type":"response.failed","response":{}}""")]
    [InlineData("""{"type":"response.output_text.delta","delta":"of nothing"}""")]
    [InlineData("""{"type":"response.created","stream_id":"l7","response":{"id":"resp_other"}}""")]
    [InlineData("""{"type":"response.created","sequence_number":-9223372036854775808,"response":{"id":7}}""")]
    [InlineData("""{"type":"response.created","sequence_number":1e400,"response":{"id":"resp_1"}}""")]
    [InlineData("""{"type":"error","error":null}""")]
    [InlineData("""{"type":"response.created","response":{"id":"resp_1"}}""", """{"type":"response.output_item.done","item":{"type":7}}""")]
    [InlineData("""{"type":"response.created","response":{"id":"resp_1"}}""", "DEEP")]
    [InlineData("""{"type":"response.created","response":{"id":"resp_1"}}""", "LARGE")]
    public async Task HostileFrames_EndOneTurnAtMost(params string[] frames)
    {
        await using var upstream = await HostileUpstream.StartAsync([.. frames.Select(Written)]);
        await using var edge = await EdgeServer.StartAsync(new Uri(upstream.BaseUrl), "samovar", TimeSpan.FromSeconds(5), TextWriter.Null,
            ("Upstream:EventBytesMax", "100000"));
        var client = HistoryClient.Of("chat", edge.Http);
        var first = await Soon.In(client.SayAsync("one"));
        Assert.True(first.IsEnded || first.Error is not null, "The agent was told neither an end nor an error.");
        Assert.Equal("well", (await Soon.In(client.SayAsync("two"))).Text);
        Assert.InRange(upstream.Turns, 2, 3); // what nobody knows the fate of is asked for once more
    }

    private static string Written(string frame) => frame switch
    {
        "DEEP" => """{"type":"response.output_text.delta","delta":""" + new string('[', 5000) + new string(']', 5000) + "}",
        "LARGE" => $$"""{"type":"response.output_text.delta","delta":"{{new string('x', 200_000)}}"}""",
        _ => frame,
    };
}
