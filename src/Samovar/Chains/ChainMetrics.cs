using System.Diagnostics.Metrics;

namespace Samovar.Chains;

/// <summary>What the store of responses counts.</summary>
internal sealed class ChainMetrics
{
    public const string MeterName = "Samovar.Chains";

    public ChainMetrics(IMeterFactory meters) =>
        Dropped = meters.Create(MeterName).CreateCounter<long>(
            "samovar.chains.dropped", "{response}", "Stored responses that can no longer be found, by reason: age, room, deleted.");

    public Counter<long> Dropped { get; }
}
