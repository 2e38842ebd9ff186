using System.Globalization;
using Microsoft.AspNetCore.Http;
using Samovar.Backends;
using Samovar.Protocol.Ids;
using Samovar.Quotas;
using Samovar.Scheduling.Fairness;
using Samovar.Server.Auth;

namespace Samovar.Server.Http;

/// <summary>Says on an answer, a refusal too, what its client may still ask for within the minute, where that is limited.</summary>
/// <remarks>
/// Limits are the tenant's quotas; where it has none, those of the destinations that serve the model. What counts against them is the
/// caller's own use; without keys everybody is the one local tenant. What other tenants use is nobody else's business.
/// </remarks>
internal sealed class RateLimitHeaders(KeyRing keys, ModelRouter router, TenantQuotas quotas, TimeProvider time)
{
    /// <summary>To be called before the answer begins; the numbers are those of the moment when it does.</summary>
    public void Show(HttpContext http, string? model, TenantId tenant, FlowId flow)
    {
        FlowId? user = keys.NeedsKeys ? flow : null;
        var to = router.Route(model) as RouteDecision.To;
        var hasQuota = user is not null && keys.QuotaOf(new TenantId(flow.Value)) is not null;
        if (!hasQuota && to?.Backend.HasLimits != true) return;
        http.Response.OnStarting(() =>
        {
            var quota = hasQuota ? quotas.LimitsOf(new TenantId(flow.Value)) : null;
            var limits = to?.Backend.LimitsOf(to.Model, user, tenant);
            Write(http, new RateLimits(quota?.Requests ?? limits?.Requests, quota?.Tokens ?? limits?.Tokens));
            return Task.CompletedTask;
        });
    }

    private void Write(HttpContext http, RateLimits limits)
    {
        foreach (var (name, limit) in new[] { ("requests", limits.Requests), ("tokens", limits.Tokens) })
            if (limit is not null && ErrorShape.IsAnthropic(http.Request)) WriteAnthropic(http.Response.Headers, name, limit);
            else if (limit is not null) WriteOpenAi(http.Response.Headers, name, limit);
    }

    private static void WriteOpenAi(IHeaderDictionary headers, string name, RateLimit limit)
    {
        headers["x-ratelimit-limit-" + name] = Text(limit.Limit);
        headers["x-ratelimit-remaining-" + name] = Text(limit.Remaining);
        headers["x-ratelimit-reset-" + name] = Duration(limit.Reset);
    }

    private void WriteAnthropic(IHeaderDictionary headers, string name, RateLimit limit)
    {
        headers[$"anthropic-ratelimit-{name}-limit"] = Text(limit.Limit);
        headers[$"anthropic-ratelimit-{name}-remaining"] = Text(limit.Remaining);
        headers[$"anthropic-ratelimit-{name}-reset"] =
            (time.GetUtcNow() + limit.Reset).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>As in <c>59s</c> and <c>1m0s</c>.</summary>
    private static string Duration(TimeSpan time) => time < TimeSpan.FromMinutes(1)
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalSeconds}s")
        : string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes}m{time.Seconds}s");
}
