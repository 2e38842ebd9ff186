using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Samovar.Gateway.Attempts;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Drivers;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Wire;
using Samovar.Metering;

namespace Samovar.Gateway.Metrics;

/// <summary>What the way to upstreams counts, for exporters and, by destination, for those who look at the moment.</summary>
internal sealed class UpstreamMetrics
{
    public const string MeterName = "Samovar.Upstream";
    private static readonly string[] Models =
    [
        Labels.Operation, Labels.Provider, Labels.RequestModel, Labels.ResponseModel, Labels.ServerAddress, Labels.ServerPort,
        Labels.Pool, Labels.Destination,
    ];

    private readonly TimeProvider _time;
    private readonly BoundedNames _models;
    private readonly ConcurrentDictionary<string, DestinationTally> _tallies = new(StringComparer.Ordinal);
    private readonly Counter<long> _attempts, _routes, _bytes, _tokens, _eventsDropped;
    private readonly Histogram<double> _duration, _firstChunk;
    private readonly Histogram<long> _usage;

    public UpstreamMetrics(IMeterFactory meters, MetricOptions options, PoolTable pools, UpstreamDrivers drivers, TimeProvider time)
    {
        (_time, _models) = (time, new BoundedNames(options.ModelsMax));
        var meter = meters.Create(MeterName);
        string[] place = [Labels.Pool, Labels.Destination];
        _duration = meter.CreateHistogram(GenAi.OperationDuration, "s", "Attempts at upstreams, from their begin to their end.",
            Labels.Are([.. Models, Labels.ErrorType]), Buckets.Durations);
        _firstChunk = meter.CreateHistogram(GenAi.TimeToFirstChunk, "s", "From an attempt's begin to the upstream's first output.",
            Labels.Are(Models), Buckets.Durations);
        _usage = meter.CreateHistogram(GenAi.TokenUsage, "{token}", "Tokens of one attempt as the upstream counted them: input, output.",
            Labels.Are([.. Models, Labels.TokenType]), Buckets.Tokens);
        _attempts = meter.CreateCounter<long>("samovar.upstream.attempts", "{attempt}",
            "Attempts by what was sent (delta: the new items alone; whole: the whole context) and by outcome: ok, cancelled, or the fault.",
            Labels.Are([.. place, Labels.Sent, Labels.Outcome]));
        _routes = meter.CreateCounter<long>("samovar.upstream.routes", "{attempt}",
            "Attempts by how their destination was found: what held, or what was let go and why.", Labels.Are(Labels.Affinity));
        _bytes = meter.CreateCounter<long>("samovar.upstream.bytes", "By", "Bytes of attempts: up (sent), back (received).",
            Labels.Are([.. place, Labels.Direction]));
        _tokens = meter.CreateCounter<long>("samovar.upstream.tokens", "{token}",
            "Tokens that the upstream counted: new (input not cached), cached, output.", Labels.Are([.. place, Labels.TokenKind]));
        _eventsDropped = meter.CreateCounter<long>("samovar.upstream.events_dropped", "{event}",
            "Events of upstreams that are not passed on, by reason: no_item, item_not_begun, item_ended, content_unknown.",
            Labels.Are([.. place, Labels.Reason]));
        DestinationGauges.Watch(meter, pools);
        meter.CreateObservableGauge(
            "samovar.upstream.idle_sockets", () => drivers.IdleSockets, "{socket}", "Sockets that wait for their chain's next turn.");
    }

    public void Routed(string affinity) => _routes.Add(1, new KeyValuePair<string, object?>(Labels.Affinity, affinity));

    public AttemptReading Begin(UpstreamCall call, Pool pool) => new(call, pool.Name, _time);

    /// <param name="outcome">ok, cancelled, or the fault's name.</param>
    public void Ended(AttemptReading attempt, string outcome)
    {
        attempt.End(outcome);
        _tallies.GetOrAdd(attempt.Call.Destination.Name, static _ => new DestinationTally()).Add(attempt, outcome);
        var place = new TagList { { Labels.Pool, attempt.Pool }, { Labels.Destination, attempt.Call.Destination.Name } };
        _attempts.Add(1, With(With(place, Labels.Sent, attempt.Call.IsDelta ? "delta" : "whole"), Labels.Outcome, outcome));
        _bytes.Add(attempt.Call.BytesUp, With(place, Labels.Direction, "up"));
        _bytes.Add(attempt.Call.BytesDown, With(place, Labels.Direction, "back"));
        foreach (var (reason, name) in EventDrops.All)
            if (attempt.Call.EventsDropped(reason) is > 0 and var count) _eventsDropped.Add(count, With(place, Labels.Reason, name));
        var models = ModelsOf(attempt, outcome);
        _duration.Record(attempt.Took.TotalSeconds, AttemptReading.IsFault(outcome) ? With(models, Labels.ErrorType, outcome) : models);
        if (attempt.FirstOutput is { } first) _firstChunk.Record(first.TotalSeconds, models);
        if (outcome != AttemptReading.Well || attempt.Usage is not { } usage) return;
        _usage.Record(usage.InputTokens, With(models, Labels.TokenType, "input"));
        _usage.Record(usage.OutputTokens, With(models, Labels.TokenType, "output"));
        _tokens.Add(usage.InputTokens - usage.CachedTokens, With(place, Labels.TokenKind, "new"));
        _tokens.Add(usage.CachedTokens, With(place, Labels.TokenKind, "cached"));
        _tokens.Add(usage.OutputTokens, With(place, Labels.TokenKind, "output"));
    }

    /// <summary>What came of the attempts at a destination.</summary>
    public TallyFigures TallyOf(string destination) =>
        _tallies.TryGetValue(destination, out var tally) ? tally.Read() : new TallyFigures();

    private TagList ModelsOf(AttemptReading attempt, string outcome)
    {
        var (destination, isWell) = (attempt.Call.Destination, outcome == AttemptReading.Well);
        var labels = new TagList
        {
            { Labels.Operation, GenAi.Chat },
            { Labels.Provider, GenAi.Provider(destination.Dialect.Name) },
            { Labels.RequestModel, _models.Of(attempt.Call.Model, isWell) },
            { Labels.ServerAddress, destination.BaseUrl.Host },
            { Labels.ServerPort, destination.BaseUrl.Port },
            { Labels.Pool, attempt.Pool },
            { Labels.Destination, destination.Name },
        };
        return attempt.Model is { } model ? With(labels, Labels.ResponseModel, _models.Of(model, isWell)) : labels;
    }

    private static TagList With(TagList labels, string name, object? value)
    {
        labels.Add(name, value); // a copy: it is a struct, and eight labels stand in itself
        return labels;
    }
}
