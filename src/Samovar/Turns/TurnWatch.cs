using Samovar.Accounting;
using Samovar.Quotas;
using Samovar.Tracing;

namespace Samovar.Turns;

/// <summary>Who learns how turns went, and who counts them before they begin.</summary>
/// <param name="Quotas">Null: no tenant has any.</param>
internal sealed record TurnWatch(IRequestLog Requests, TurnMetrics Metrics, TurnTraces Traces, TenantQuotas? Quotas = null)
{
    /// <summary>Takes what a turn needs of its tenant's quotas. One that another node sent here was counted there.</summary>
    /// <exception cref="Protocol.Errors.ApiException">One is used up.</exception>
    public ValueTask<QuotaHold?> EnterAsync(TurnRequest request, CancellationToken turnEnds) =>
        Quotas is null || request.Placing is not null
            ? default : Quotas.EnterAsync(request.Tenant, isOnSocket: request.Origin is not null, turnEnds);
}
