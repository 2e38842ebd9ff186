using Microsoft.AspNetCore.Cors.Infrastructure;

namespace Samovar.Server.Auth;

/// <summary>
/// What browsers let web pages do with this server: pages of this machine and of <c>Auth:AllowedOrigins</c> may ask with any header and
/// read the answers. A browser asks before it sends a key, so that question needs none.
/// </summary>
internal static class PageAccess
{
    /// <summary>Headers of answers that a page may read besides the usual ones.</summary>
    private static readonly string[] Readable = ["x-request-id", "request-id", "retry-after", "retry-after-ms", "openai-version"];

    /// <summary>How long a browser may remember the answer to its question.</summary>
    private static readonly TimeSpan AnswerAgeMax = TimeSpan.FromMinutes(10);

    public static CorsPolicy Policy(PageGuard guard) => new CorsPolicyBuilder()
        .SetIsOriginAllowed(guard.IsAllowed).AllowAnyMethod().AllowAnyHeader().WithExposedHeaders(Readable).SetPreflightMaxAge(AnswerAgeMax)
        .Build();
}
