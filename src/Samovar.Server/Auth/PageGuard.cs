using System.Net;
using Microsoft.AspNetCore.Http;
using Samovar.Protocol.Errors;

namespace Samovar.Server.Auth;

/// <summary>
/// Where no key is needed, a web page must not reach the server through its visitor's browser: neither from another origin (browsers let
/// any page open a WebSocket to this machine) nor under a name that its owner points at this machine.
/// </summary>
/// <param name="keys">Whether keys are needed.</param>
/// <param name="options">The pages that are allowed.</param>
/// <param name="isOpenToAll">Whether the operator let everybody in.</param>
internal sealed class PageGuard(KeyRing keys, AuthOptions options, bool isOpenToAll)
{
    private const string CrossSite = "cross-site", FetchSite = "Sec-Fetch-Site";

    /// <exception cref="ApiException">The request comes from a page, or under a name, that is not this machine's.</exception>
    public void Check(HttpRequest request)
    {
        if (keys.NeedsKeys || isOpenToAll) return;
        if (!IsThisMachine(request.Host.Host)) throw new ApiException(Errors.ForeignHost, request.Host.Host);
        if (request.Headers.Origin.Count == 0 && request.Headers[FetchSite].Count == 0) return; // no page, or not said by its browser
        var origins = request.Headers.Origin.SelectMany(Listed).ToList();
        if (origins.FirstOrDefault(origin => !IsAllowed(origin)) is { } foreign) throw new ApiException(Errors.ForeignOrigin, foreign);
        var sites = request.Headers[FetchSite].SelectMany(Listed);
        if (origins.Count == 0 && sites.Contains(CrossSite, StringComparer.OrdinalIgnoreCase))
            throw new ApiException(Errors.ForeignOrigin, "another site"); // an image, a script: browsers name no origin for those
    }

    /// <summary>A header may come several times, and hold a list each time.</summary>
    private static string[] Listed(string? header) =>
        header?.Split([',', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    /// <summary>Whether pages of this origin may use the server.</summary>
    public bool IsAllowed(string origin) =>
        options.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase)
        || (Uri.TryCreate(origin, UriKind.Absolute, out var page) && page.Scheme is "http" or "https" && IsThisMachine(page.Host));

    private static bool IsThisMachine(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
