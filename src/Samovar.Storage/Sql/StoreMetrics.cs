using System.Diagnostics.Metrics;
using Samovar.Metering;

namespace Samovar.Storage.Sql;

/// <summary>What the store counts.</summary>
internal sealed class StoreMetrics
{
    public const string MeterName = "Samovar.Store";
    private static readonly InstrumentAdvice<long> Sizes = new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512] };
    private readonly Histogram<double> _writeSeconds, _batchSeconds, _readSeconds;
    private readonly Histogram<long> _batchSize;
    private readonly Counter<long> _bytes, _removed, _refused;
    private readonly Meter _meter;

    public StoreMetrics(IMeterFactory meters)
    {
        var meter = _meter = meters.Create(MeterName);
        _writeSeconds = meter.CreateHistogram("samovar.store.write.duration", "s",
            "From asking for a write until it is durable or has failed, by outcome: written, failed.",
            Labels.Are(Labels.Outcome), Buckets.StoreTimes);
        _readSeconds = meter.CreateHistogram("samovar.store.read.duration", "s",
            "Reads of the store, by outcome: read, failed.", Labels.Are(Labels.Outcome), Buckets.StoreTimes);
        _batchSeconds = meter.CreateHistogram("samovar.store.batch.duration", "s",
            "Transactions of the store, their commit included.", advice: Buckets.StoreTimes);
        _batchSize = meter.CreateHistogram("samovar.store.batch.size", "{write}",
            "Writes that were made durable by one commit.", advice: Sizes);
        _bytes = meter.CreateCounter<long>("samovar.store.written", "By", "Bytes of what was written to the store.");
        _refused = meter.CreateCounter<long>("samovar.store.refused", "{write}",
            "Writes that were refused since as many waited as may, of all or of their tenant.");
        _removed = meter.CreateCounter<long>("samovar.store.removed", "{response}",
            "Stored responses that were removed since nobody had continued their conversation for StoredChains:AgeMax.");
    }

    /// <summary>Reports what the store does, on request.</summary>
    public void Watch(Func<StoreFigures> read)
    {
        _meter.CreateObservableGauge(
            "samovar.store.away", () => read().Trouble is null ? 0L : 1L, "1", "1 while the store cannot be read or written.");
        _meter.CreateObservableGauge("samovar.store.away_time", () => read().AwayFor.TotalSeconds, "s",
            "How long the store has been away; 0 while it is there.");
        _meter.CreateObservableGauge("samovar.store.waiting", () => read().Waiting, "{write}", "Writes that wait for the store.");
        _meter.CreateObservableGauge(
            "samovar.store.waiting_limit", () => read().WaitingMax, "{write}", "Writes that may wait; one more is refused.");
    }

    public void Refused() => _refused.Add(1);

    public void Removed(int responses) => _removed.Add(responses);

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

/// <summary>What the store does at the moment.</summary>
/// <param name="Trouble">Why it is away; null while it is there.</param>
/// <param name="AwayFor">For how long it has been.</param>
/// <param name="Waiting">Writes that wait.</param>
/// <param name="WaitingMax">Writes that may.</param>
internal readonly record struct StoreFigures(string? Trouble, TimeSpan AwayFor, int Waiting, int WaitingMax);
