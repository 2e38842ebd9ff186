using System.Diagnostics.Metrics;

namespace Samovar.Metering;

/// <summary>Upper bounds of histograms, for every exporter. Those of <c>gen_ai.*</c> metrics are what the conventions say.</summary>
internal static class Buckets
{
    public static readonly InstrumentAdvice<double> Durations = Of(
        0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92);

    public static readonly InstrumentAdvice<double> FirstToken = Of(
        0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10);

    public static readonly InstrumentAdvice<double> PerToken = Of(
        0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5);

    /// <summary>From a tenth of a millisecond on, as disks and databases take.</summary>
    public static readonly InstrumentAdvice<double> StoreTimes = Of(
        0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10);

    public static readonly InstrumentAdvice<long> Tokens = Of<long>(
        1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864);

    private static InstrumentAdvice<T> Of<T>(params T[] bounds) where T : struct => new() { HistogramBucketBoundaries = bounds };
}
