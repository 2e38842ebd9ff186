using System.Diagnostics.Metrics;

namespace Samovar.Turns;

/// <summary>What turns count.</summary>
internal sealed class TurnMetrics
{
    public const string MeterName = "Samovar.Turns";

    public TurnMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        Running = meter.CreateUpDownCounter<int>("samovar.turns.running", "{turn}", "Turns between admission and their end.");
    }

    public UpDownCounter<int> Running { get; }
}
