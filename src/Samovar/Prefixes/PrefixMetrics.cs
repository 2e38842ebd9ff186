using System.Diagnostics;
using System.Diagnostics.Metrics;
using Samovar.Metering;

namespace Samovar.Prefixes;

/// <summary>What warming and keeping prefixes count.</summary>
internal sealed class PrefixMetrics
{
    public const string MeterName = "Samovar.Prefixes";
    private readonly Meter _meter;
    private readonly Histogram<double> _seconds;
    private readonly Counter<long> _computed, _ended;

    public PrefixMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _seconds = _meter.CreateHistogram("samovar.prefixes.warm.duration", "s",
            "From a prefix that is to be warmed until it is, by outcome: warmed, failed, dropped (somebody deleted it meanwhile).",
            Labels.Are(Labels.Outcome), Buckets.Durations);
        _computed = _meter.CreateCounter<long>(
            "samovar.prefixes.computed", "{token}", "Tokens that were computed to warm prefixes; what was found is not in it.");
        _ended = _meter.CreateCounter<long>("samovar.prefixes.ended", "{prefix}",
            "Prefixes that are no longer kept, by reason: expired (nobody used it for its time), deleted.", Labels.Are(Labels.Reason));
    }

    /// <summary>Reports what is kept now, on request.</summary>
    public void Watch(Func<PrefixFigures> read, int countMax)
    {
        _meter.CreateObservableGauge("samovar.prefixes.kept", () => read().Kept, "{prefix}", "Prefixes that are kept warm.");
        _meter.CreateObservableGauge("samovar.prefixes.kept_limit", () => countMax, "{prefix}", "Prefixes that may be kept.");
        _meter.CreateObservableGauge("samovar.prefixes.tokens", () => read().Tokens, "{token}", "Tokens of these prefixes.");
        _meter.CreateObservableCounter("samovar.prefixes.turns", () => Turns(read()), "{turn}",
            "Turns that began with a kept prefix, by outcome: hit (all of it was found), miss.", Labels.Are(Labels.Outcome));
    }

    /// <summary>A prefix was warmed, or was not; never throws.</summary>
    public void Warmed(TimeSpan took, string outcome, int computed) => GuardedLog.Write(() =>
    {
        _seconds.Record(took.TotalSeconds, new KeyValuePair<string, object?>(Labels.Outcome, outcome));
        if (computed > 0) _computed.Add(computed);
    });

    /// <summary>A prefix is no longer kept; never throws.</summary>
    public void Ended(string reason) => GuardedLog.Write(() => _ended.Add(1, new TagList { { Labels.Reason, reason } }));

    private static IEnumerable<Measurement<long>> Turns(PrefixFigures now) =>
    [
        new(now.Hits, new KeyValuePair<string, object?>(Labels.Outcome, "hit")),
        new(now.Turns - now.Hits, new KeyValuePair<string, object?>(Labels.Outcome, "miss")),
    ];
}

/// <summary>What is kept now, and what has been used of it and of what was kept before.</summary>
internal readonly record struct PrefixFigures(long Kept, long Tokens, long Turns, long Hits);
