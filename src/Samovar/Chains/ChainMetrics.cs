using System.Diagnostics.Metrics;
using Samovar.Metering;

namespace Samovar.Chains;

/// <summary>What the store of responses counts.</summary>
internal sealed class ChainMetrics
{
    public const string MeterName = "Samovar.Chains";

    public ChainMetrics(IMeterFactory meters) =>
        Dropped = meters.Create(MeterName).CreateCounter<long>(
            "samovar.chains.dropped", "{response}", "Stored responses that can no longer be found, by reason: age, room, deleted.",
            Labels.Are(Labels.Reason));

    public Counter<long> Dropped { get; }
}
