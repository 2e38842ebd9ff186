using System.Text.Json;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Http;

/// <summary>What the listener cannot read as a request has its status, an error as any other, and ends its connection alone.</summary>
public sealed class ListenerFaultTests : IAsyncLifetime
{
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync(new ScriptedBackend(new IdSource()));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("GET /health HTTP/1.1\r\nHost: localhost\r\nX-Long: {40000}\r\n\r\n", 431, "request_headers_too_large")]
    [InlineData("GET /health HTTP/1.1\r\nHost: localhost\r\nX-Long: {400000}\r\n\r\n", 431, "request_headers_too_large")]
    [InlineData("GET /health?{40000} HTTP/1.1\r\nHost: localhost\r\n\r\n", 414, "request_url_too_long")]
    [InlineData("GET /health HTTP/1.1\r\n\r\n", 400, "invalid_http")]
    [InlineData("GET /health HTTP/9.9\r\nHost: localhost\r\n\r\n", 505, "http_version_not_supported")]
    [InlineData("GET\r\n\r\n", 400, "invalid_http")]
    [InlineData("GET /a%00b HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "invalid_http")]
    [InlineData("GET * HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "invalid_http")]
    [InlineData("\u0016\u0003\u0001\u0002\u0000\u0001\u0000", 400, "invalid_http")]
    [InlineData("GET /health HTTP/1.1\r\nHost: localhost\r\nNo colon\r\n\r\n", 400, "invalid_http")]
    [InlineData("POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400, "invalid_http")]
    [InlineData("POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: lz4\r\n\r\n", 400, "invalid_http")]
    public async Task Fault_HasAnErrorAsAnyOther_OnceAndNothingBehindIt(string request, int status, string code)
    {
        var (head, body) = await AnswerAsync(request);
        Assert.StartsWith($"HTTP/1.1 {status} ", head, StringComparison.Ordinal);
        Assert.Contains("Connection: close", head, StringComparison.Ordinal);
        Assert.Matches("(?m)^x-request-id: req_", head);
        var error = JsonDocument.Parse(body).RootElement.GetProperty("error");
        Assert.Equal((code, "invalid_request_error"), (error.GetProperty("code").GetString(), error.GetProperty("type").GetString()));
        Assert.Matches(@"^[A-Z].*[^.:\s]\.$", error.GetProperty("message").GetString());
        Assert.DoesNotContain("''", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        using var after = await _server.Http.GetAsync(new Uri("/health", UriKind.Relative), Soon.Token);
        Assert.True(after.IsSuccessStatusCode);
    }

    [Fact]
    public async Task FaultOnAPathOfAnthropic_HasItsShape()
    {
        var (_, body) = await AnswerAsync("POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n");
        Assert.Equal("error", JsonDocument.Parse(body).RootElement.GetProperty("type").GetString());
    }

    [Fact]
    public async Task FaultOfARequestForAHead_HasNoBody()
    {
        var (head, body) = await AnswerAsync("HEAD /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 400 ", head, StringComparison.Ordinal);
        Assert.Equal("", body);
    }

    [Fact]
    public async Task FaultBehindAGoodRequest_IsAnsweredBehindIt()
    {
        await using var client = await RawClient.ConnectAsync(_server);
        await client.SendAsync("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nNONSENSE\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 ", await client.ReadAnswerAsync(), StringComparison.Ordinal);
        var answer = await client.ReadAnswerAsync();
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"invalid_http\"", answer, StringComparison.Ordinal);
        Assert.Equal("", await client.ReadToEndAsync());
    }

    private async Task<(string Head, string Body)> AnswerAsync(string request)
    {
        await using var client = await RawClient.ConnectAsync(_server);
        foreach (var length in new[] { 40_000, 400_000 })
            request = request.Replace($"{{{length}}}", new string('x', length), StringComparison.Ordinal);
        try { await client.SendAsync(request); }
        catch (IOException) { /* refused before its end */ }
        var answer = (await client.ReadToEndAsync()).Split("\r\n\r\n");
        Assert.Equal(2, answer.Length);
        return (answer[0], answer[1]);
    }
}
