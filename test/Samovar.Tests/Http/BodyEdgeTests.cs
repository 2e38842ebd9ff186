using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;
using Samovar.Tests.Hostile;

namespace Samovar.Tests.Http;

/// <summary>Bodies that are framed, timed or compressed wrongly: each gets the status of what is wrong with it, never a 500.</summary>
public sealed class BodyEdgeTests : IAsyncLifetime
{
    private const int BodyBytesMax = 100_000;
    private const string Body = """{"model":"m","input":"[[final=fine]]","store":false}""";
    private readonly ManualTime _time = new();
    private readonly FaultLog _log = new();
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync(new ScriptedBackend(new IdSource()),
        new Dictionary<string, string?> { ["Http:BodyBytesMax"] = $"{BodyBytesMax}" },
        services => services.AddSingleton<TimeProvider>(_time).AddSingleton<ILoggerProvider>(_log));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("ffffffffffffffff\r\n")]
    [InlineData("7fffffffffffffff\r\n")]
    [InlineData("8000000000000000\r\n")]
    [InlineData("80000000\r\n")]
    [InlineData("ffffffff\r\n")]
    [InlineData("fffffffffffffffff\r\n")]
    [InlineData("-1\r\n")]
    [InlineData("zz\r\n")]
    [InlineData("\r\n")]
    [InlineData("5;ext=\r\nhello\n0\r\n\r\n")]
    [InlineData("3\r\nabcXX0\r\n\r\n")]
    public async Task ChunkThatIsNone_IsTheClientsFault(string chunks)
    {
        foreach (var path in new[] { "/v1/responses", "/v1/messages", "/v1/chat/completions", "/v1/responses/input_tokens" })
        {
            await using var client = await RawClient.ConnectAsync(_server);
            await client.SendAsync($"POST {path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
            var answer = await client.ReadAnswerAsync();
            Assert.Matches("^HTTP/1.1 (400|413) ", answer);
        }
    }

    [Theory]
    [InlineData("/v1/responses", Body)]
    [InlineData("/v1/responses/input_tokens", """{"model":"m","input":"x"}""")]
    [InlineData("/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"[[final=fine]]"}]}""")]
    [InlineData("/v1/messages", """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"[[final=fine]]"}]}""")]
    [InlineData("/v1/messages/count_tokens", """{"model":"m","messages":[{"role":"user","content":"x"}]}""")]
    public async Task ByteOrderMark_BeforeABody_IsPassedOver(string path, string body)
    {
        var answers = new List<(HttpStatusCode Status, string Text)>();
        foreach (var mark in new[] { "", "\uFEFF" })
        {
            using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(mark + body));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var answer = await _server.Http.PostAsync(path, content);
            answers.Add((answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        }
        Assert.Equal(answers[0].Status, answers[1].Status);
        Assert.DoesNotContain("invalid_json", answers[1].Text, StringComparison.Ordinal);
        if (!path.Contains("tokens", StringComparison.Ordinal)) Assert.Equal(HttpStatusCode.OK, answers[1].Status);
    }

    [Theory]
    [InlineData("text/xml", true)]
    [InlineData("multipart/form-data; boundary=x", true)]
    [InlineData("image/png", true)]
    [InlineData("nonsense", true)]
    [InlineData(null, false)]
    [InlineData("text/plain;charset=UTF-8", false)]
    [InlineData("Application/JSON; charset=utf-8", false)]
    [InlineData("application/vnd.api+json", false)]
    [InlineData("application/x-www-form-urlencoded", false)] // what curl calls every body
    public async Task BodyOfAKindThatCannotBeRead_IsRefused_InTheFormOfItsApi(string? type, bool isRefused)
    {
        foreach (var path in new[] { "/v1/responses", "/v1/messages", "/v1/chat/completions", "/v1/responses/input_tokens",
            "/v1/messages/count_tokens" })
        {
            using var content = new ByteArrayContent("{}"u8.ToArray());
            if (type is not null) content.Headers.TryAddWithoutValidation("Content-Type", type);
            using var answer = await _server.Http.PostAsync(path, content);
            Assert.Equal(isRefused, answer.StatusCode == HttpStatusCode.UnsupportedMediaType);
            var text = await answer.Content.ReadAsStringAsync();
            Assert.StartsWith(path.StartsWith("/v1/messages", StringComparison.Ordinal) ? "{\"type\":\"error\"" : "{\"error\"", text,
                StringComparison.Ordinal);
            if (isRefused) Assert.Contains("unsupported_media_type", text, StringComparison.Ordinal);
        }
    }

    /// <summary>What is left of the body comes later, and its end ends the connection: neither is worth a line in the log.</summary>
    [Theory]
    [InlineData("Content-Length: 11", "{\"model\":", "1}")]
    [InlineData("Content-Length: 11\r\nContent-Encoding: gzip", "\u001f", "0123456789")]
    [InlineData("Transfer-Encoding: chunked", "9\r\n{\"model\":", "\r\n2\r\n1}\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked", "9\r\n{\"model\":", "nonsense")]
    [InlineData("Content-Length: 11", "", "{\"model\":1}")]
    public async Task BodyThatDoesNotCome_TimesOut(string framing, string start, string later)
    {
        await using var client = await RawClient.ConnectAsync(_server);
        await client.SendAsync($"POST /v1/responses HTTP/1.1\r\nHost: localhost\r\n{framing}\r\n\r\n{start}");
        await Soon.In(_time.WhenArmed(new Samovar.Server.Http.HttpOptions().BodyTimeMax));
        _time.Advance(new Samovar.Server.Http.HttpOptions().BodyTimeMax);
        var answer = await client.ReadAnswerAsync();
        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"request_timeout\"", answer, StringComparison.Ordinal);
        await client.SendAsync(later);
        Assert.Equal("", await client.ReadToEndAsync());
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task BodyThatTrickles_TimesOut_ByTheRate()
    {
        await using var client = await RawClient.ConnectAsync(_server);
        await client.SendAsync("POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{\"model\":");
        var answer = await client.ReadAnswerAsync(); // the listener's own clock: it waits five seconds
        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"request_timeout\"", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("x-gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task CompressedBody_IsReadToItsEnd_AndNoFurther(string encoding)
    {
        var whole = Compressed(encoding, Body);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(encoding, whole));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(encoding, [.. whole, .. "junk"u8]));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(encoding, [.. whole, 0]));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(encoding, []));
        for (var cut = 1; cut < whole.Length; cut += 3) Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(encoding, whole[..^cut]));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task CompressedBomb_IsTooLarge(string encoding)
    {
        const HttpStatusCode tooLarge = HttpStatusCode.RequestEntityTooLarge;
        Assert.Equal(tooLarge, await StatusAsync(encoding, Compressed(encoding, new string(' ', 30_000_000))));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(encoding, Compressed(encoding, Body.PadRight(BodyBytesMax))));
        Assert.Equal(tooLarge, await StatusAsync(encoding, Compressed(encoding, Body.PadRight(BodyBytesMax + 1))));
    }

    [Fact]
    public async Task GzipMembers_AreOneBody()
    {
        byte[] members = [.. Compressed("gzip", Body[..10]), .. Compressed("gzip", ""), .. Compressed("gzip", Body[10..])];
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("gzip", members));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync("gzip", [.. members, 0x1f, 0x8b]));
        members[^6] ^= 1; // the last member's checksum
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync("gzip", members));
    }

    [Fact]
    public async Task GzipHead_MayCarryANameAndMore()
    {
        var plain = Compressed("gzip", Body);
        byte[] head = [0x1f, 0x8b, 8, 4 + 8 + 16 + 2, 0, 0, 0, 0, 0, 3, 2, 0, 1, 2, .. "name\0comment\0"u8, 0, 0];
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("gzip", [.. head, .. plain[10..]]));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync("gzip", [0x1f, 0x8b, 8, 0xe0, .. plain[4..]]));
    }

    [Theory]
    [InlineData("lz4")]
    [InlineData("compress")]
    public async Task UnknownEncoding_IsReported(string encoding) =>
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, await StatusAsync(encoding, "x"u8.ToArray()));

    private async Task<HttpStatusCode> StatusAsync(string encoding, byte[] bytes)
    {
        using var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        using var answer = await _server.Http.PostAsync(new Uri("/v1/responses", UriKind.Relative), content, Soon.Token);
        return answer.StatusCode;
    }

    private static byte[] Compressed(string encoding, string text)
    {
        var bytes = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "deflate" => new ZLibStream(bytes, CompressionLevel.Optimal),
            "br" => new BrotliStream(bytes, CompressionLevel.Optimal),
            _ => new GZipStream(bytes, CompressionLevel.Optimal),
        }) stream.Write(Encoding.UTF8.GetBytes(text));
        return bytes.ToArray();
    }
}
