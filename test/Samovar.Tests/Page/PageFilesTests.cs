using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;
using Samovar.Web;

namespace Samovar.Tests.Page;

/// <summary>Where the page is, and what browsers are told that it may not do.</summary>
public sealed class PageFilesTests : IDisposable
{
    private const string Browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    private readonly PageLab _lab = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Browser, "GET", true)]
    [InlineData(Browser, "HEAD", true)]
    [InlineData("*/*", "GET", false)]
    [InlineData("application/json", "GET", false)]
    [InlineData("text/html;q=0, */*", "GET", false)]
    [InlineData(null, "GET", false)]
    [InlineData(null, "HEAD", false)]
    public async Task Root_IsThePage_ToBrowsersAlone(string? accept, string method, bool isPage)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(null, _lab.Settings(upstream, withKeys: true));
        using var answer = await AskAsync(server, "/", accept, method: method);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(isPage ? "text/html" : "application/json", answer.Content.Headers.ContentType!.MediaType);
        Assert.Contains("Accept", answer.Headers.Vary);
        var body = await answer.Content.ReadAsStringAsync(Cancelled);
        if (method == "HEAD") Assert.Empty(body);
        else Assert.Contains(isPage ? "<!doctype html>" : "\"status\"", body, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("/", "text/html")]
    [InlineData("/page.js", "text/javascript")]
    [InlineData("/page.css", "text/css")]
    public async Task Files_MayDoLittle_AndAreSentOnce(string path, string type)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(null, _lab.Settings(upstream, withKeys: false));
        using var plain = await AskAsync(server, path, Browser);
        Assert.Equal(type, plain.Content.Headers.ContentType!.MediaType);
        Assert.Equal("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
            + "frame-ancestors 'none'; base-uri 'none'; form-action 'none'", plain.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("nosniff", plain.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", plain.Headers.GetValues("Referrer-Policy").Single());
        Assert.False(plain.Headers.Contains("Set-Cookie"));
        var bytes = await plain.Content.ReadAsByteArrayAsync(Cancelled);
        Assert.Equal(WebFiles.Read(path == "/" ? "page.html" : path[1..]), bytes);

        using var known = await AskAsync(server, path, Browser, known: plain.Headers.ETag!.Tag);
        Assert.Equal((HttpStatusCode.NotModified, 0), (known.StatusCode, (await known.Content.ReadAsByteArrayAsync(Cancelled)).Length));
        foreach (var encoding in new[] { "br", "gzip" })
        {
            using var small = await AskAsync(server, path, Browser, encodings: $"deflate, {encoding}");
            Assert.Equal(encoding, Assert.Single(small.Content.Headers.ContentEncoding));
            Assert.NotEqual(plain.Headers.ETag, small.Headers.ETag);
            var stream = await small.Content.ReadAsStreamAsync(Cancelled);
            var all = new MemoryStream();
            await using Stream unpacked = encoding == "br" ? new BrotliStream(stream, CompressionMode.Decompress)
                : new GZipStream(stream, CompressionMode.Decompress);
            await unpacked.CopyToAsync(all, Cancelled);
            Assert.Equal(bytes, all.ToArray());
        }
        using var refusesAll = await AskAsync(server, path, Browser, encodings: "br;q=0, identity");
        Assert.Empty(refusesAll.Content.Headers.ContentEncoding);
    }

    [Fact]
    public async Task Page_CanBeLeftOut()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(null, _lab.Settings(upstream, withKeys: false, ("Page:Enabled", "false")));
        using var root = await AskAsync(server, "/", Browser);
        Assert.Equal("application/json", root.Content.Headers.ContentType!.MediaType);
        foreach (var path in new[] { "/page.js", "/page/events", "/page/session" })
        {
            using var none = await AskAsync(server, path, Browser);
            Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        }
    }

    [Theory]
    [InlineData("evil.example", null)]
    [InlineData(null, "https://evil.example")]
    public async Task ForeignPages_GetNothing_WithoutKeys(string? host, string? origin)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(null, _lab.Settings(upstream, withKeys: false));
        foreach (var path in new[] { "/", "/page.js", "/page/session", "/page/events" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("Accept", Browser);
            if (host is not null) request.Headers.Host = host;
            if (origin is not null) request.Headers.Add("Origin", origin);
            using var answer = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancelled);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }
    }

    public void Dispose() => _lab.Dispose();

    private static async Task<HttpResponseMessage> AskAsync(
        RunningServer server, string path, string? accept, string method = "GET", string? known = null, string? encodings = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (accept is not null) request.Headers.Add("Accept", accept);
        if (known is not null) request.Headers.IfNoneMatch.Add(new EntityTagHeaderValue(known));
        if (encodings is not null) request.Headers.Add("Accept-Encoding", encodings);
        return await server.Http.SendAsync(request, Cancelled);
    }
}
