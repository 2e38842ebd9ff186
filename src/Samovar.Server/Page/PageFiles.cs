using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Samovar.Web;

namespace Samovar.Server.Page;

/// <summary>The page's own files, the same for everybody: nothing of anybody is in them, and no key is needed for them.</summary>
internal sealed class PageFiles
{
    public const string Html = "page.html";

    /// <summary>What the page asks for.</summary>
    public static readonly string[] Parts = ["page.js", "page.css"];

    private static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal)
    {
        [Html] = "text/html; charset=utf-8", ["page.js"] = "text/javascript; charset=utf-8", ["page.css"] = "text/css; charset=utf-8",
    };

    private readonly Dictionary<string, Lazy<PageFile>> _files = Types.ToDictionary(
        static type => type.Key, static type => new Lazy<PageFile>(() => PageFile.Of(WebFiles.Read(type.Key))), StringComparer.Ordinal);

    /// <summary>Whether it is a browser that asks: agents take anything, or JSON.</summary>
    public static bool IsAsked(HttpContext http)
    {
        http.Response.Headers.Vary = HeaderNames.Accept;
        return MediaTypeHeaderValue.TryParseList(http.Request.Headers.Accept, out var accepted)
            && accepted.Any(static type => type.Quality is not 0 && type.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase));
    }

    public async Task WriteAsync(HttpContext http, string name)
    {
        var (encoding, tag, bytes) = _files[name].Value.In(http.Request.Headers.AcceptEncoding!);
        PageHeaders.Set(http.Response, "no-cache");
        http.Response.Headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
        http.Response.Headers.ETag = tag;
        http.Response.ContentType = Types[name];
        if (IsKnown(http.Request, tag))
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        if (encoding is not null) http.Response.Headers.ContentEncoding = encoding;
        http.Response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(http.Request.Method)) await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }

    private static bool IsKnown(HttpRequest request, string tag) =>
        EntityTagHeaderValue.TryParseList(request.Headers.IfNoneMatch, out var known)
        && known.Any(one => one.Equals(EntityTagHeaderValue.Any) || one.Tag.Equals(tag, StringComparison.Ordinal));
}

/// <summary>One file, and what it is when it is compressed.</summary>
/// <param name="Tag">Names the content.</param>
internal sealed record PageFile(string Tag, ReadOnlyMemory<byte> Plain, ReadOnlyMemory<byte> Gzip, ReadOnlyMemory<byte> Brotli)
{
    public static PageFile Of(ReadOnlyMemory<byte> plain) => new(
        Convert.ToHexStringLower(SHA256.HashData(plain.Span))[..32], plain,
        Compressed(plain, static to => new GZipStream(to, CompressionLevel.SmallestSize)),
        Compressed(plain, static to => new BrotliStream(to, CompressionLevel.SmallestSize)));

    /// <summary>In the best form that the client takes.</summary>
    public (string? Encoding, string Tag, ReadOnlyMemory<byte> Bytes) In(IList<string> accepted)
    {
        var takes = StringWithQualityHeaderValue.TryParseList(accepted, out var list)
            ? list.Where(static one => one.Quality is not 0).Select(static one => one.Value.ToString())
                .ToHashSet(StringComparer.OrdinalIgnoreCase)
            : [];
        return takes.Contains("br") ? ("br", $"\"{Tag}-br\"", Brotli)
            : takes.Contains("gzip") ? ("gzip", $"\"{Tag}-gzip\"", Gzip) : (null, $"\"{Tag}\"", Plain);
    }

    private static byte[] Compressed(ReadOnlyMemory<byte> plain, Func<Stream, Stream> into)
    {
        var bytes = new MemoryStream();
        using (var stream = into(bytes)) stream.Write(plain.Span);
        return bytes.ToArray();
    }
}
