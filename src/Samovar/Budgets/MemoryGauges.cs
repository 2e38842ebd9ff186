using System.Diagnostics.Metrics;
using Samovar.Metering;
using Samovar.Scheduling.Budgets;

namespace Samovar.Budgets;

/// <summary>The budget as instruments, read whenever somebody asks.</summary>
internal static class MemoryGauges
{
    public const string MeterName = "Samovar.Memory";

    public static void Watch(IMeterFactory meters, MemoryBudget budget)
    {
        var meter = meters.Create(MeterName);
        Show("samovar.memory.held",
            "Memory that is held, by share: frames, bodies, logs, upstream_events, chains, and the engine's parked, cells.",
            share => share.Bytes);
        Show("samovar.memory.limit", "Memory that may be held, by share.", share => share.BytesMax);

        void Show(string name, string what, Func<IByteShare, long> read) => meter.CreateObservableGauge(
            name,
            () => budget.Shares.Select(share => new Measurement<long>(
                read(share), new KeyValuePair<string, object?>(Labels.MemoryShare, share.Name))),
            "By", what, Labels.Are(Labels.MemoryShare));
    }
}
