using System.Diagnostics.Metrics;
using Samovar.Metering;

namespace Samovar.Chains;

/// <summary>What the store of responses and the memory of resent histories count.</summary>
internal sealed class ChainMetrics
{
    public const string MeterName = "Samovar.Chains";

    public ChainMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        Dropped = meter.CreateCounter<long>(
            "samovar.chains.dropped", "{response}", "Stored responses that can no longer be found, by reason: age, room, deleted.",
            Labels.Are(Labels.Reason));
        Evicted = meter.CreateCounter<long>(
            "samovar.chains.evicted", "{response}",
            "Stored responses that left the memory and are read from the store when they are asked for, by reason: age, room, deleted.",
            Labels.Are(Labels.Reason));
        Read = meter.CreateCounter<long>("samovar.chains.read", "{response}", "Responses that were read from the store.");
        Remembered = meter.CreateUpDownCounter<long>(
            "samovar.chains.remembered", "By", "Memory of the chains that a resent history can find.");
    }

    public Counter<long> Dropped { get; }
    public Counter<long> Evicted { get; }
    public Counter<long> Read { get; }
    public UpDownCounter<long> Remembered { get; }
}
