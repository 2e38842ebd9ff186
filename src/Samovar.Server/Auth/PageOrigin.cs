using Microsoft.AspNetCore.Http;

namespace Samovar.Server.Auth;

/// <summary>What browsers say about the page that makes a request.</summary>
internal static class PageOrigin
{
    private const string FetchSite = "Sec-Fetch-Site", CrossSite = "cross-site", SameOrigin = "same-origin";

    /// <summary>Whether a browser says anything of a page.</summary>
    public static bool IsSaid(HttpRequest request) => request.Headers.Origin.Count > 0 || request.Headers[FetchSite].Count > 0;

    /// <summary>Every origin that the request names: a header may come several times, and hold a list each time.</summary>
    public static List<string> Of(HttpRequest request) => [.. request.Headers.Origin.SelectMany(Listed)];

    /// <summary>What the browser calls the way from the page to here; null where it says nothing, as over plain HTTP.</summary>
    public static string? SiteOf(HttpRequest request) =>
        request.Headers[FetchSite] is { Count: > 0 } said ? said.ToString() : null;

    public static bool IsCrossSite(HttpRequest request) =>
        request.Headers[FetchSite].SelectMany(Listed).Contains(CrossSite, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the browser itself says that the page is this server's own. No script can write this header, and no proxy has to
    /// pass the host on for it.</summary>
    public static bool IsSaidToBeOwn(HttpRequest request) => SiteOf(request) == SameOrigin;

    /// <summary>Whether the page has the host that the request names, whatever scheme a proxy before the server takes.</summary>
    public static bool IsOfHost(HttpRequest request, string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var page) && page.Scheme is "http" or "https"
        && string.Equals(page.Authority, AuthorityOf(request, page), StringComparison.OrdinalIgnoreCase);

    /// <summary>As the browser wrote it: without the scheme's own port.</summary>
    private static string AuthorityOf(HttpRequest request, Uri page) =>
        request.Host.Port is { } port && new UriBuilder(page.Scheme, page.Host, port).Uri.IsDefaultPort
            ? request.Host.Host : request.Host.Value ?? "";

    private static string[] Listed(string? header) =>
        header?.Split([',', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
