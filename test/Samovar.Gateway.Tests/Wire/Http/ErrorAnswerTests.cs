using System.Text;
using Samovar.Testing;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Wire.Http;

/// <summary>Errors of which not everything comes: the status has been said.</summary>
public sealed class ErrorAnswerTests
{
    private static readonly TimeSpan ErrorTimeMax = TimeSpan.FromSeconds(2);
    private readonly ManualTime _time = new();

    [Theory]
    [InlineData("chat", "{\"error\":{\"message\":\"slow down\"}}")]
    [InlineData("chat", "{\"error\":{\"mess")]
    [InlineData("chat", "")]
    [InlineData("messages", "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"slow down\"}}")]
    public async Task ErrorThatDoesNotEnd_IsTakenAsFarAsItCame(string kind, string body)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Headers = [("Retry-After", "20")];
        upstream.Raw = new RawAnswer([body]) { Status = 429, ContentType = "application/json", Length = 400, Hangs = true };
        var options = TestGateway.Options(kind, upstream);
        options.Pools[0].QueueMax = 0; // no pause is waited for
        using var gateway = new TestGateway(options, _time);
        var turn = gateway.TurnAsync(null, TestGateway.User("go"));
        await Soon.In(_time.WhenArmed(ErrorTimeMax));
        _time.Advance(ErrorTimeMax);
        var result = await Soon.In(turn);
        Assert.Equal((429, TimeSpan.FromSeconds(20)), (result.Error!.Kind.Status, result.Error.RetryAfter));
        Assert.NotNull(gateway.Pools.Current[0].Destinations[0].State.Refusal); // it pauses
        Assert.Single(upstream.Requests);
    }

    [Theory]
    [InlineData(400, null, 400)]
    [InlineData(400, "gzip", 400)]
    [InlineData(401, null, 502)]
    [InlineData(429, null, 429)]
    public async Task ErrorThatIsCut_HasItsStatus(int status, string? encoding, int answered)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Raw = new RawAnswer(["{\"error\":{\"message\":\"odd\"}}"])
            { Status = status, ContentType = "application/json", Encoding = encoding, Length = 400 };
        var options = TestGateway.Options("chat", upstream);
        options.Pools[0].QueueMax = 0; // no pause is waited for
        using var gateway = new TestGateway(options);
        var result = await gateway.TurnAsync(null, TestGateway.User("go"));
        Assert.Equal(answered, result.Error!.Kind.Status);
        if (status == 401) Assert.Contains("refused the key", result.Error.Message, StringComparison.Ordinal);
        else if (status == 400) Assert.Equal("odd", result.Error.Message);
        Assert.Single(upstream.Requests);
    }

    [Theory]
    [InlineData(503, "{\"error\":{\"message\":\"mod\u00e8le \\\"x\\\" absent\"}}", 502, null)]
    [InlineData(400, "{\"error\":{\"code\":\"bad_field\",\"message\":\"mod\u00e8le \\\"x\\\" absent\"}}", 400, "mod\uFFFDle \"x\" absent")]
    [InlineData(400, "mod\u00e8le absent", 400, "mod\uFFFDle absent")]
    public async Task ErrorThatIsNotUtf8_IsReadAsFarAsItCanBe(int status, string body, int answered, string? message)
    {
        await using var broken = await FakeUpstream.StartAsync("a");
        broken.Raw = new RawAnswer([body]) { Status = status, ContentType = "application/json", Pack = InLatin1 };
        using var alone = new TestGateway("chat", broken);
        var error = (await alone.TurnAsync(null, TestGateway.User("go"))).Error!;
        Assert.Equal(answered, error.Kind.Status);
        if (message is not null) Assert.Equal(message, error.Message);
    }

    /// <summary>Whoever wrote a page, nothing that was asked is its affair.</summary>
    [Theory]
    [InlineData(400, true, 502)]
    [InlineData(401, true, 502)]
    [InlineData(403, true, 502)]
    [InlineData(403, false, 502)]
    [InlineData(407, true, 502)]
    [InlineData(451, false, 502)]
    [InlineData(413, false, 413)]
    public async Task PageOfAProxy_IsNotTheClientsFault_AndIsNoWordOfOthers(int status, bool passesKeys, int answered)
    {
        await using var behind = await FakeUpstream.StartAsync("a");
        await using var other = await FakeUpstream.StartAsync("b");
        behind.Raw = new RawAnswer(["<html><title>Blocked</title></html>"]) { Status = status, ContentType = "text/html" };
        var options = TestGateway.Options("chat", behind, other);
        foreach (var destination in options.Pools[0].Destinations) destination.PassesKeys = passesKeys;
        using var gateway = new TestGateway(options);
        for (var turn = 0; turn < 6; turn++) Assert.Null((await gateway.TurnAsync(null, TestGateway.User($"{turn}"))).Error);
        Assert.NotEmpty(behind.Requests);
        other.Raw = behind.Raw;
        var error = (await gateway.TurnAsync(null, TestGateway.User("go"))).Error!;
        Assert.Equal(answered, error.Kind.Status);
        Assert.DoesNotContain("Blocked", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ErrorThatIsNotUtf8_LeavesTheTurnToOthers()
    {
        await using var broken = await FakeUpstream.StartAsync("a");
        await using var other = await FakeUpstream.StartAsync("b");
        foreach (var one in new[] { broken, other })
            one.Raw = new RawAnswer(["{\"error\":{\"message\":\"mod\u00e8le \\\"x\\\" absent\"}}"])
                { Status = 503, ContentType = "application/json", Pack = InLatin1 };
        using var gateway = new TestGateway("chat", broken, other);
        Assert.Equal(502, (await gateway.TurnAsync(null, TestGateway.User("go"))).Error!.Kind.Status);
        Assert.NotEmpty(broken.Requests);
        Assert.NotEmpty(other.Requests);
    }

    private static byte[] InLatin1(byte[] text) => Encoding.Latin1.GetBytes(Encoding.UTF8.GetString(text));
}
