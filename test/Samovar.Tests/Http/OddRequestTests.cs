using System.Text;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Http;

/// <summary>HTTP that is allowed and rare, and HTTP that is wrong: an answer each time, and nothing hangs.</summary>
public sealed class OddRequestTests : IAsyncLifetime
{
    private const string Body = """{"model":"m","input":"[[final=fine]]","store":false}""";
    private readonly string _keys = Path.GetTempFileName();
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_keys, """{"tenants":{"alice":["sk-a"]}}""", Soon.Token);
        _server = await RunningServer.StartAsync(new ScriptedBackend(new IdSource()),
            new Dictionary<string, string?> { ["Auth:KeyFile"] = _keys });
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        File.Delete(_keys);
    }

    [Fact]
    public async Task ClientThatAsksFirst_IsAskedToGoOn()
    {
        await using var client = await RawClient.ConnectAsync(_server);
        await client.SendAsync(Head($"Expect: 100-continue\r\nContent-Length: {Body.Length}"));
        Assert.StartsWith("HTTP/1.1 100 ", await client.ReadAnswerAsync(), StringComparison.Ordinal);
        await client.SendAsync(Body);
        Assert.StartsWith("HTTP/1.1 200 ", await client.ReadAnswerAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sk-wrong", "", 401)]
    [InlineData("sk-a", "Content-Encoding: lz4\r\n", 415)]
    public async Task ClientThatAsksFirst_AndIsRefused_IsNotAskedForItsBody(string key, string more, int status)
    {
        await using var client = await RawClient.ConnectAsync(_server);
        await client.SendAsync(Head($"{more}Expect: 100-continue\r\nContent-Length: 1000000", key));
        Assert.StartsWith($"HTTP/1.1 {status} ", await client.ReadAnswerAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trailers_BehindChunks_AreReadAndPassedOver()
    {
        await using var client = await RawClient.ConnectAsync(_server);
        var (first, second) = (Body[..20], Body[20..]);
        var chunks = $"{first.Length:x}\r\n{first}\r\n{second.Length:x};name=value\r\n{second}\r\n0\r\nX-Checksum: 1\r\nX-Other: 2\r\n\r\n";
        for (var i = 0; i < 2; i++) // the connection goes on behind them
        {
            await client.SendAsync(Head("Transfer-Encoding: chunked\r\nTrailer: X-Checksum") + chunks);
            Assert.StartsWith("HTTP/1.1 200 ", await client.ReadAnswerAsync(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Content-Length: 1000", "{\"model\":")]
    [InlineData("Transfer-Encoding: chunked", "9\r\n{\"model\"")]
    [InlineData("Transfer-Encoding: chunked", "9\r\n{\"model\":\r\n")]
    public async Task ClientThatEndsInTheMiddleOfItsBody_IsGone_AndItsConnectionEnds(string framing, string start)
    {
        await using var client = await RawClient.ConnectAsync(_server);
        await client.SendAsync(Head(framing) + start);
        client.EndSending();
        Assert.Equal("", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task ConnectionThatIsToClose_ClosesBehindItsAnswer()
    {
        await using var client = await RawClient.ConnectAsync(_server);
        await client.SendAsync(Head($"Connection: close\r\nContent-Length: {Body.Length}") + Body);
        var answer = await client.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close", answer, StringComparison.OrdinalIgnoreCase);
        Assert.EndsWith("}", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RequestsInARow_AreAnsweredInTheirOrder()
    {
        await using var client = await RawClient.ConnectAsync(_server);
        var good = Head($"Content-Length: {Body.Length}") + Body;
        await client.SendAsync(good + Head("Content-Length: 2") + "{}" + good + Head("Content-Length: 0", "sk-wrong") + good);
        foreach (var status in new[] { 200, 400, 200, 401, 200 })
            Assert.StartsWith($"HTTP/1.1 {status} ", await client.ReadAnswerAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ClientThatBeginsWithHttp2_LearnsInHttp2_ThatOlderOneIsNeeded()
    {
        await using var client = await RawClient.ConnectAsync(_server);
        await client.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        var frame = await client.ReadToEndAsync();
        Assert.Equal((7, 13), (frame[3], frame[16])); // GOAWAY, HTTP_1_1_REQUIRED
    }

    [Fact]
    public async Task ClientThatOffersHttp2_IsAnsweredWithoutIt()
    {
        await using var client = await RawClient.ConnectAsync(_server);
        await client.SendAsync(Head("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n" +
            $"Content-Length: {Body.Length}") + Body);
        Assert.StartsWith("HTTP/1.1 200 ", await client.ReadAnswerAsync(), StringComparison.Ordinal);
    }

    private static string Head(string headers, string key = "sk-a") => new StringBuilder()
        .Append("POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ").Append(key).Append("\r\n")
        .Append(headers).Append("\r\n\r\n").ToString();
}
