using System.Diagnostics.Metrics;
using Samovar.Metering;

namespace Samovar.Storage.Sql;

/// <summary>What the store counts.</summary>
internal sealed class StoreMetrics
{
    public const string MeterName = "Samovar.Store";
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
    };
    private static readonly InstrumentAdvice<long> Sizes = new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512] };
    private readonly Histogram<double> _writeSeconds, _batchSeconds, _readSeconds;
    private readonly Histogram<long> _batchSize;
    private readonly Counter<long> _bytes;
    private Func<bool> _isAway = () => false;

    public StoreMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _writeSeconds = meter.CreateHistogram("samovar.store.write.duration", "s",
            "From asking for a write until it is durable or has failed, by outcome: written, failed.", Labels.Are(Labels.Outcome), Seconds);
        _readSeconds = meter.CreateHistogram("samovar.store.read.duration", "s",
            "Reads of the store, by outcome: read, failed.", Labels.Are(Labels.Outcome), Seconds);
        _batchSeconds = meter.CreateHistogram("samovar.store.batch.duration", "s",
            "Transactions of the store, their commit included.", advice: Seconds);
        _batchSize = meter.CreateHistogram("samovar.store.batch.size", "{write}",
            "Writes that were made durable by one commit.", advice: Sizes);
        _bytes = meter.CreateCounter<long>("samovar.store.written", "By", "Bytes of what was written to the store.");
        meter.CreateObservableGauge("samovar.store.away", () => _isAway() ? 1L : 0L, "1", "1 while the store cannot be read or written.");
    }

    public void Watch(Func<bool> isAway) => _isAway = isAway;

    public void Committed(int writes, long bytes, TimeSpan took)
    {
        _batchSize.Record(writes);
        _batchSeconds.Record(took.TotalSeconds);
        _bytes.Add(bytes);
    }

    public void Write(TimeSpan took, bool isDone) => _writeSeconds.Record(took.TotalSeconds, Outcome(isDone ? "written" : "failed"));

    public void Read(TimeSpan took, bool isDone) => _readSeconds.Record(took.TotalSeconds, Outcome(isDone ? "read" : "failed"));

    private static KeyValuePair<string, object?> Outcome(string outcome) => new(Labels.Outcome, outcome);
}
