using Microsoft.AspNetCore.Http;
using Samovar.Protocol.Errors;

namespace Samovar.Server.Auth;

/// <summary>
/// Where no key is needed, a web page must not reach the server through its visitor's browser: neither from another origin (browsers let
/// any page open a WebSocket to this machine) nor under a name that its owner points at this machine. That everybody of a network is let
/// in lets in none of the pages that they visit.
/// </summary>
/// <param name="keys">Whether keys are needed.</param>
/// <param name="options">The pages that are allowed.</param>
/// <param name="names">What the server is called.</param>
internal sealed class PageGuard(KeyRing keys, AuthOptions options, OwnNames names)
{
    /// <exception cref="ApiException">The request comes from a page, or under a name, that is not this server's.</exception>
    public void Check(HttpRequest request)
    {
        if (keys.NeedsKeys) return;
        if (!names.Has(request.Host.Host)) throw new ApiException(Errors.ForeignHost, request.Host.Host);
        if (!PageOrigin.IsSaid(request) || PageOrigin.IsSaidToBeOwn(request)) return; // no page, or not said by its browser
        var origins = PageOrigin.Of(request);
        if (origins.FirstOrDefault(origin => !IsAllowed(origin) && !PageOrigin.IsOfHost(request, origin)) is { } foreign)
            throw new ApiException(Errors.ForeignOrigin, foreign);
        if (origins.Count == 0 && PageOrigin.IsCrossSite(request))
            throw new ApiException(Errors.ForeignOrigin, "another site"); // an image, a script: browsers name no origin for those
    }

    /// <summary>Whether pages of this origin may use the server, besides its own.</summary>
    public bool IsAllowed(string origin) =>
        options.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase)
        || (Uri.TryCreate(origin, UriKind.Absolute, out var page) && page.Scheme is "http" or "https" && OwnNames.IsThisMachine(page.Host));
}
