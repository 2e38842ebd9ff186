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
        using var gateway = new TestGateway(TestGateway.Options(kind, upstream), _time);
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
        using var gateway = new TestGateway("chat", upstream);
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
