using Samovar.Gateway.Faults;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Faults;

/// <summary>An answer whose length its client left to us, and which is longer than its upstream allows, is asked for again with what the
/// upstream names.</summary>
public sealed class OutputRoomTests
{
    private const string Limit = "max_tokens: 32000 > 8192, which is the maximum allowed number of output tokens for fake-model";
    private const string Both = "input length and `max_tokens` exceed context limit: 190000 + 32000 > 200000, decrease input length or "
        + "`max_tokens` and try again";

    [Theory]
    [InlineData(Limit, 8192)]
    [InlineData("`max_tokens`: 32,000 > 8,192, which is the maximum", 8192)]
    [InlineData(Both, 10_000)]
    [InlineData("The maximum tokens you requested exceeds the model limit of 4096. Try again with a lower value.", 4096)]
    [InlineData("'max_tokens' or 'max_completion_tokens' is too large: 32000. This model's maximum context length is 32768 tokens and "
        + "your request has 1000 input tokens (32000 > 32768 - 1000).", 31_768)]
    [InlineData("max_tokens: 64000 > 8192, which is the maximum", null)]
    [InlineData("input length and `max_tokens` exceed context limit: 199900 + 32000 > 200000", null)]
    [InlineData("input length and `max_tokens` exceed context limit: 250000 + 32000 > 200000", null)]
    [InlineData("max_tokens: 32000 > 99999999999999999999", null)]
    [InlineData("prompt is too long: 20 tokens > 9 maximum", null)]
    public void Room_IsWhatTheUpstreamNames(string message, int? room)
    {
        Assert.Equal(room, OutputRoom.Of(new UpstreamFault(FaultKind.Refused, message) { IsQuoted = true }, 32_000));
        Assert.Null(OutputRoom.Of(new UpstreamFault(FaultKind.Server, message) { IsQuoted = true }, 32_000));
    }

    [Theory]
    [InlineData(Limit, 8192)]
    [InlineData(Both, 10_000)]
    public async Task AnswerWithoutALimit_IsAskedForOnceMore(string says, int room)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Rule = request => request.Json.GetProperty("max_tokens").GetInt32() > room ? says : null;
        using var gateway = new TestGateway("messages", upstream);
        var result = await gateway.TurnAsync(null, TestGateway.User("x"));
        Assert.Null(result.Error);
        Assert.Equal([32_000, room], upstream.Requests.Select(request => request.Json.GetProperty("max_tokens").GetInt32()));
        Assert.Equal(1, result.Report.Retries);
        Assert.Equal(0, gateway.Pools.Current[0].Destinations[0].State.InFlight);
    }

    [Fact]
    public async Task UpstreamThatGoesOnRefusing_IsNotAskedAThirdTime()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Rule = request => $"max_tokens: {request.Json.GetProperty("max_tokens").GetInt32()} > 1000, which is the maximum";
        using var gateway = new TestGateway("messages", upstream);
        Assert.NotNull((await gateway.TurnAsync(null, TestGateway.User("x"))).Error);
        Assert.Equal(2, upstream.Requests.Count);
    }

    [Fact]
    public async Task ClientsOwnLimit_IsItsOwnAffair()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Rule = static _ => Limit;
        using var gateway = new TestGateway("messages", upstream);
        var result = await gateway.TurnAsync(null, TestGateway.User("x"), ",\"max_output_tokens\":32000");
        Assert.Contains("8192", result.Error!.Message, StringComparison.Ordinal);
        Assert.Single(upstream.Requests);
    }
}
