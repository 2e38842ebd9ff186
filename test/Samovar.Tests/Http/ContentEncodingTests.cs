using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;
using ZstdSharp;

namespace Samovar.Tests.Http;

/// <summary>Bodies in every encoding that clients use, and in several: read to their end and no further, whatever is inside.</summary>
public sealed class ContentEncodingTests : IAsyncLifetime
{
    private const int BodyBytesMax = 100_000;
    private const string Body = """{"model":"m","input":"[[final=fine]]","store":false}""";
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync(new ScriptedBackend(new IdSource()),
        new Dictionary<string, string?> { ["Http:BodyBytesMax"] = $"{BodyBytesMax}" });

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("deflate", "raw")]
    [InlineData("zstd", "zstd")]
    [InlineData("gzip, zstd", "gzip", "zstd")]
    [InlineData("zstd,gzip", "zstd", "gzip")]
    [InlineData("GZip, identity, gzip", "gzip", "gzip")]
    [InlineData("br, deflate", "br", "raw")]
    [InlineData("deflate, br", "zlib", "br")]
    [InlineData("gzip, deflate, br, zstd", "gzip", "zlib", "br", "zstd")]
    public async Task Encodings_AreTakenOff_InTheirOrder(string header, params string[] applied)
    {
        var whole = Packed(Body, applied);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(header, whole));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(header, [.. whole, .. "junk"u8]));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(header, [.. whole, 0]));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(header, []));
        for (var cut = 1; cut < whole.Length; cut += 3) Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(header, whole[..^cut]));
    }

    [Theory]
    [InlineData("deflate", "raw")]
    [InlineData("zstd", "zstd")]
    [InlineData("gzip, gzip", "gzip", "gzip")]
    [InlineData("zstd, br", "zstd", "br")]
    [InlineData("deflate, gzip, zstd", "raw", "gzip", "zstd")]
    public async Task Bomb_IsTooLarge_HoweverDeepItLies(string header, params string[] applied)
    {
        const HttpStatusCode tooLarge = HttpStatusCode.RequestEntityTooLarge;
        Assert.Equal(tooLarge, await StatusAsync(header, Packed(new string(' ', 30_000_000), applied)));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(header, Packed(Body.PadRight(BodyBytesMax), applied)));
        Assert.Equal(tooLarge, await StatusAsync(header, Packed(Body.PadRight(BodyBytesMax + 1), applied)));
    }

    [Fact]
    public async Task InnerBody_ThatIsCutOrLonger_IsRefused()
    {
        var inner = Pack("gzip", Encoding.UTF8.GetBytes(Body));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("gzip, zstd", Pack("zstd", inner)));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync("gzip, zstd", Pack("zstd", inner[..^1])));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync("gzip, zstd", Pack("zstd", [.. inner, 7])));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync("zstd, gzip", Pack("zstd", inner))); // the order is another one
    }

    [Fact]
    public async Task SeveralHeaders_AreOneList()
    {
        var body = Packed(Body, "gzip", "br");
        await using var client = await RawClient.ConnectAsync(_server);
        await client.SendAsync("POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\nContent-Encoding: br\r\n" +
            $"Content-Length: {body.Length}\r\n\r\n");
        await client.SendAsync(body);
        Assert.StartsWith("HTTP/1.1 200 ", await client.ReadAnswerAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lz4")]
    [InlineData("gzip, lz4")]
    [InlineData("lz4, gzip")]
    [InlineData("gzip;q=1")]
    [InlineData("gzip, gzip, gzip, gzip, gzip")]
    public async Task EncodingThatIsUnknown_OrOneTooMany_IsRefused_InTheShapeOfTheApi(string header)
    {
        foreach (var path in new[] { "/v1/responses", "/v1/chat/completions", "/v1/messages", "/v1/responses/input_tokens" })
        {
            using var answer = await PostAsync(path, header, "x"u8.ToArray());
            Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
            var root = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Soon.Token)).RootElement;
            Assert.Equal("unsupported_media_type", root.GetProperty("error").GetProperty("code").GetString());
            Assert.Equal(path == "/v1/messages", root.TryGetProperty("type", out _));
        }
    }

    private async Task<HttpStatusCode> StatusAsync(string header, byte[] bytes)
    {
        using var answer = await PostAsync("/v1/responses", header, bytes);
        return answer.StatusCode;
    }

    private async Task<HttpResponseMessage> PostAsync(string path, string header, byte[] bytes)
    {
        using var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.TryAddWithoutValidation("Content-Encoding", header);
        return await _server.Http.PostAsync(new Uri(path, UriKind.Relative), content, Soon.Token);
    }

    private static byte[] Packed(string text, params string[] applied) =>
        applied.Aggregate(Encoding.UTF8.GetBytes(text), static (bytes, form) => Pack(form, bytes));

    private static byte[] Pack(string form, byte[] bytes)
    {
        if (form == "zstd")
        {
            using var compressor = new Compressor();
            return compressor.Wrap(bytes).ToArray();
        }
        var packed = new MemoryStream();
        using (Stream stream = form switch
        {
            "raw" => new DeflateStream(packed, CompressionLevel.Optimal),
            "zlib" => new ZLibStream(packed, CompressionLevel.Optimal),
            "br" => new BrotliStream(packed, CompressionLevel.Optimal),
            _ => new GZipStream(packed, CompressionLevel.Optimal),
        }) stream.Write(bytes);
        return packed.ToArray();
    }
}
