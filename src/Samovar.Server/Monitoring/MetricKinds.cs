using System.Diagnostics.Metrics;

namespace Samovar.Server.Monitoring;

/// <summary>How a metric is read.</summary>
internal enum MetricKind { Counter, Gauge, Histogram }

/// <summary>Says how instruments are read.</summary>
internal static class MetricKinds
{
    public static MetricKind Of(Instrument instrument)
    {
        var name = instrument.GetType().Name;
        return name.StartsWith("Histogram", StringComparison.Ordinal) ? MetricKind.Histogram
            : name.StartsWith("Counter", StringComparison.Ordinal) || name.StartsWith("ObservableCounter", StringComparison.Ordinal)
                ? MetricKind.Counter
            : MetricKind.Gauge;
    }
}
