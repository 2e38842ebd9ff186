using Microsoft.AspNetCore.Http;
using Samovar.Protocol.Ids;

namespace Samovar.Server.Auth;

/// <summary>Who sent a request: everything it may see is scoped by the tenant.</summary>
/// <param name="IsOperator">Whether it may see what all tenants together do.</param>
internal sealed record Caller(TenantId Tenant, bool IsOperator)
{
    /// <summary>The key as the client presents it: <c>Authorization: Bearer</c>, <c>x-api-key</c> or <c>api-key</c>.</summary>
    public static string? PresentedKey(HttpRequest request)
    {
        const string bearer = "Bearer ";
        string? authorization = request.Headers.Authorization;
        if (authorization is not null && authorization.StartsWith(bearer, StringComparison.OrdinalIgnoreCase))
            return authorization[bearer.Length..].Trim();
        string? apiKey = request.Headers["x-api-key"];
        if (string.IsNullOrWhiteSpace(apiKey)) apiKey = request.Headers["api-key"];
        return string.IsNullOrWhiteSpace(apiKey) ? null : apiKey.Trim();
    }
}
