using Microsoft.AspNetCore.Http;
using Samovar.Protocol.Errors;
using Samovar.Server.Auth;

namespace Samovar.Server.Page;

/// <summary>Who may see what the page shows: with a login's cookie, with a key as elsewhere; where no keys are needed, everybody.</summary>
/// <remarks>
/// The cookie goes to <c>/page</c> alone, and there everything only reads: no other site can make a browser do anything with it. What it
/// opens is given to pages of this origin only.
/// </remarks>
internal sealed class PageDoor(KeyRing keys, PageLogins logins)
{
    public const string CookieName = "samovar_page";
    public const string CookiePath = "/page";

    /// <summary>Whether somebody has to log in before anything is shown.</summary>
    public bool NeedsKeys => keys.NeedsKeys;

    /// <exception cref="ApiException">Nobody is logged in, or another site's page asks.</exception>
    public PageVisitor Require(HttpContext http) => Find(http) ?? throw new ApiException(Errors.InvalidApiKey);

    /// <summary>Null where nobody is logged in.</summary>
    /// <exception cref="ApiException">Another site's page asks, a key is wrong, or no keys can be read.</exception>
    public PageVisitor? Find(HttpContext http)
    {
        RequireSameOrigin(http.Request);
        keys.RequireReadable();
        if (!keys.NeedsKeys) return new PageVisitor(keys.Require(http.Request), static () => true);
        if (Caller.PresentedKey(http.Request) is { } key)
        {
            var caller = keys.Require(http.Request);
            return new PageVisitor(caller, () => keys.Find(key) == caller);
        }
        return Login(http) is { } login ? new PageVisitor(login.Caller, () => logins.IsGoodStill(login)) : null;
    }

    public PageLogin? Login(HttpContext http) => logins.Find(http.Request.Cookies[CookieName]);

    /// <summary>Browsers say where a request comes from; what they do not say it of is no page.</summary>
    public static void RequireSameOrigin(HttpRequest request)
    {
        if (PageOrigin.IsSaidToBeOwn(request)) return;
        string? origin = request.Headers.Origin;
        if (PageOrigin.SiteOf(request) is not (null or "none")) throw new ApiException(Errors.ForeignOrigin, origin ?? "another site");
        if (origin is not null && !PageOrigin.IsOfHost(request, origin))
            throw new ApiException(Errors.ForeignPage, [origin, request.Host.Value]);
    }
}

/// <param name="IsWelcome">Whether that is still so.</param>
internal sealed record PageVisitor(Caller Caller, Func<bool> IsWelcome);
