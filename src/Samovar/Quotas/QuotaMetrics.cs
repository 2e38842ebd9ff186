using System.Diagnostics;
using System.Diagnostics.Metrics;
using Samovar.Metering;
using Samovar.Protocol.Ids;

namespace Samovar.Quotas;

/// <summary>What quotas count.</summary>
internal sealed class QuotaMetrics
{
    public const string MeterName = "Samovar.Quotas";
    private readonly MetricOptions _options;
    private readonly Counter<long> _refused, _asked;

    public QuotaMetrics(IMeterFactory meters, MetricOptions options)
    {
        _options = options;
        var meter = meters.Create(MeterName);
        _refused = meter.CreateCounter<long>("samovar.quota.refused", "{turn}",
            "Turns that were refused because a quota of their tenant's was used up, by quota: requests_per_minute, tokens_per_minute, " +
            "turns_at_once.", Labels.Are(Labels.Quota, Labels.Tenant));
        _asked = meter.CreateCounter<long>("samovar.quota.asked", "{question}",
            "Questions to the database for a part of a tenant's or a destination's limit, by outcome: answered, late (this node went on " +
            "with its even share meanwhile), failed.", Labels.Are(Labels.Outcome));
    }

    public void Refused(TenantId tenant, string quota)
    {
        var labels = new TagList { { Labels.Quota, quota } };
        if (_options.TenantLabel) labels.Add(Labels.Tenant, tenant.Value);
        _refused.Add(1, labels);
    }

    public void Asked(string outcome) => _asked.Add(1, new KeyValuePair<string, object?>(Labels.Outcome, outcome));
}
