using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Samovar.Server.Auth;

/// <summary>
/// What browsers let web pages do with this server: pages of this machine and of <c>Auth:AllowedOrigins</c> may ask with any header and
/// read the answers. A browser asks before it sends a key, so that question needs none.
/// </summary>
internal static class PageAccess
{
    /// <summary>Headers of answers that a page may read besides the usual ones.</summary>
    private static readonly string[] Readable =
    [
        "x-request-id", "request-id", "retry-after", "retry-after-ms", "openai-version",
        "x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests",
        "x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens",
        "anthropic-ratelimit-requests-limit", "anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset",
        "anthropic-ratelimit-tokens-limit", "anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset",
    ];

    /// <summary>How long a browser may remember the answer to its question.</summary>
    private static readonly TimeSpan AnswerAgeMax = TimeSpan.FromMinutes(10);

    public static CorsPolicy Policy(PageGuard guard) => new CorsPolicyBuilder()
        .SetIsOriginAllowed(guard.IsAllowed).AllowAnyMethod().AllowAnyHeader().WithExposedHeaders(Readable).SetPreflightMaxAge(AnswerAgeMax)
        .Build();

    /// <summary>Says on every answer that it depends on who asks, so that no cache gives one page's answer to another.</summary>
    public static void MarkAnswer(HttpContext http) => http.Response.OnStarting(Mark, http);

    private static Task Mark(object http)
    {
        var headers = ((HttpContext)http).Response.Headers;
        if (!headers.Vary.Contains(HeaderNames.Origin, StringComparer.OrdinalIgnoreCase))
            headers.Append(HeaderNames.Vary, HeaderNames.Origin);
        return Task.CompletedTask;
    }
}
