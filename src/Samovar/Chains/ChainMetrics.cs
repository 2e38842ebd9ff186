using System.Diagnostics.Metrics;
using Samovar.Metering;

namespace Samovar.Chains;

/// <summary>What the store of responses and the memory of resent histories count.</summary>
internal sealed class ChainMetrics
{
    public const string MeterName = "Samovar.Chains";
    private readonly Meter _meter;
    private readonly Histogram<double> _appendSeconds, _readSeconds;
    private Func<CachedChains> _cached = static () => default;

    public ChainMetrics(IMeterFactory meters)
    {
        var meter = _meter = meters.Create(MeterName);
        Dropped = meter.CreateCounter<long>(
            "samovar.chains.dropped", "{response}", "Stored responses that can no longer be found, by reason: age, room, deleted.",
            Labels.Are(Labels.Reason));
        Evicted = meter.CreateCounter<long>(
            "samovar.chains.evicted", "{response}",
            "Stored responses that left the memory and are read from the store when they are asked for, by reason: age, room, deleted.",
            Labels.Are(Labels.Reason));
        ReadCount = meter.CreateCounter<long>("samovar.chains.read", "{response}", "Responses that were read from the store.");
        Remembered = meter.CreateUpDownCounter<long>(
            "samovar.chains.remembered", "By", "Memory of the chains that a resent history can find.");
        _appendSeconds = meter.CreateHistogram("samovar.chains.append.duration", "s",
            "From a finished response, or items that are added to a conversation, until they are stored or are not, by outcome: stored; " +
            "full (a tenant's bound), taken_over (somebody else continued the conversation), " +
            "parent_deleted (what was continued was deleted meanwhile), failed.",
            Labels.Are(Labels.Outcome), Buckets.StoreTimes);
        _readSeconds = meter.CreateHistogram("samovar.chains.read.duration", "s",
            "Readings of a stored conversation back into memory, by outcome: read, failed.",
            Labels.Are(Labels.Outcome), Buckets.StoreTimes);
    }

    public Counter<long> Dropped { get; }
    public Counter<long> Evicted { get; }
    public UpDownCounter<long> Remembered { get; }
    private Counter<long> ReadCount { get; }

    /// <summary>What of the stored responses is in memory now.</summary>
    public CachedChains Cached => _cached();

    /// <summary>Reports what of the stored responses is in memory, on request.</summary>
    public void WatchCache(Func<CachedChains> read)
    {
        _cached = read;
        _meter.CreateObservableGauge("samovar.chains.cached", () => read().Bytes, "By", "Memory of stored responses that are in memory.");
        _meter.CreateObservableGauge("samovar.chains.cached_limit", () => read().BytesMax, "By", "Memory that they may take.");
        _meter.CreateObservableGauge(
            "samovar.chains.cached_responses", () => read().Responses, "{response}", "Stored responses that are found in memory.");
    }

    /// <summary>A response was stored, or was not; never throws.</summary>
    public void Appended(TimeSpan took, string outcome) => Record(_appendSeconds, took, outcome);

    /// <summary>A conversation was read back; never throws.</summary>
    public void Read(TimeSpan took, int responses, bool isDone) => GuardedLog.Write(() =>
    {
        Record(_readSeconds, took, isDone ? "read" : "failed");
        if (isDone) ReadCount.Add(responses);
    });

    private static void Record(Histogram<double> seconds, TimeSpan took, string outcome) =>
        GuardedLog.Write(() => seconds.Record(took.TotalSeconds, new KeyValuePair<string, object?>(Labels.Outcome, outcome)));
}

/// <summary>Stored responses that are in memory, their bytes, and how many these may be.</summary>
internal readonly record struct CachedChains(long Responses, long Bytes, long BytesMax);
