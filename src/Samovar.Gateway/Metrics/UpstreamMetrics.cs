using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Samovar.Gateway.Attempts;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Drivers;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Wire;
using Samovar.Gateway.Wire.Links;
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

    private const int PlaceLabels = 2;
    private readonly TimeProvider _time;
    private readonly BoundedNames _models;
    private readonly ConcurrentDictionary<string, DestinationTally> _tallies = new(StringComparer.Ordinal);
    private readonly Counter<long> _attempts, _routes, _bytes, _tokens, _eventsDropped;
    private readonly Counter<double> _inputCost;
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
            "Tokens that the upstream counted: new (input not cached), written (those of them that went into its cache), cached, output.",
            Labels.Are([.. place, Labels.TokenKind]));
        _inputCost = meter.CreateCounter<double>("samovar.upstream.input_cost", "{token}",
            "What input cost, in input tokens at their full price, where the prices of cache reads and writes are known.",
            Labels.Are(place));
        _eventsDropped = meter.CreateCounter<long>("samovar.upstream.events_dropped", "{event}",
            "Events of upstreams that are not passed on, by reason: no_item, item_not_begun, item_ended, content_unknown.",
            Labels.Are([.. place, Labels.Reason]));
        DestinationGauges.Watch(meter, pools);
        meter.CreateObservableCounter("samovar.upstream.link_bytes", () => Carried(drivers.Wire), "By",
            "Bytes that links (responses-link) carried, compressed, with TLS and all: up, back.", Labels.Are(Labels.Direction));
        meter.CreateObservableGauge(
            "samovar.upstream.idle_sockets", () => drivers.IdleSockets, "{socket}", "Sockets that wait for their chain's next turn.");
    }

    private static IEnumerable<Measurement<long>> Carried(WireMeter wire) =>
    [
        new(wire.Up, new KeyValuePair<string, object?>(Labels.Direction, "up")),
        new(wire.Down, new KeyValuePair<string, object?>(Labels.Direction, "back")),
    ];

    public void Routed(string affinity) => _routes.Add(1, new KeyValuePair<string, object?>(Labels.Affinity, affinity));

    public AttemptReading Begin(UpstreamCall call, Pool pool) => new(call, pool.Name, _time);

    /// <param name="outcome">ok, cancelled, or the fault's name.</param>
    public void Ended(AttemptReading attempt, string outcome)
    {
        attempt.End(outcome);
        _tallies.GetOrAdd(attempt.Call.Destination.Name, static _ => new DestinationTally()).Add(attempt, outcome);
        CountAtPlace(attempt, outcome);
        RecordOfModels(attempt, outcome);
    }

    /// <summary>What came of the attempts at a destination.</summary>
    public TallyFigures TallyOf(string destination) =>
        _tallies.TryGetValue(destination, out var tally) ? tally.Read() : new TallyFigures();

    private void CountAtPlace(AttemptReading attempt, string outcome)
    {
        var call = attempt.Call;
        Span<KeyValuePair<string, object?>> labels =
            [new(Labels.Pool, attempt.Pool), new(Labels.Destination, call.Destination.Name), default, new(Labels.Outcome, outcome)];
        Add(_attempts, 1, labels, Labels.Sent, call.IsDelta ? "delta" : "whole");
        labels = labels[..(PlaceLabels + 1)];
        Add(_bytes, call.BytesUp, labels, Labels.Direction, "up");
        Add(_bytes, call.BytesDown, labels, Labels.Direction, "back");
        foreach (var (reason, name) in EventDrops.All)
            if (call.EventsDropped(reason) is > 0 and var count) Add(_eventsDropped, count, labels, Labels.Reason, name);
        if (outcome != AttemptReading.Well || attempt.Usage is not { } usage) return;
        Add(_tokens, usage.InputTokens - usage.CachedTokens, labels, Labels.TokenKind, "new");
        if (usage.CacheWriteTokens > 0) Add(_tokens, usage.CacheWriteTokens, labels, Labels.TokenKind, "written");
        Add(_tokens, usage.CachedTokens, labels, Labels.TokenKind, "cached");
        if (attempt.InputCost is { } cost) _inputCost.Add(cost, labels[..PlaceLabels]);
        Add(_tokens, usage.OutputTokens, labels, Labels.TokenKind, "output");
    }

    private void RecordOfModels(AttemptReading attempt, string outcome)
    {
        var (destination, isWell) = (attempt.Call.Destination, outcome == AttemptReading.Well);
        Span<KeyValuePair<string, object?>> labels =
        [
            new(Labels.Operation, GenAi.Chat),
            new(Labels.Provider, GenAi.Provider(destination.Dialect.Name)),
            new(Labels.RequestModel, _models.Of(attempt.Call.Model, isWell)),
            new(Labels.ServerAddress, destination.BaseUrl.Host),
            new(Labels.ServerPort, destination.PortLabel),
            new(Labels.Pool, attempt.Pool),
            new(Labels.Destination, destination.Name),
            default, // the answer's model, where it has one
            default, // of one instrument alone
        ];
        var count = labels.Length - 2;
        if (attempt.Model is { } model) labels[count++] = new(Labels.ResponseModel, _models.Of(model, isWell));
        var models = labels[..count];
        var more = labels[..(count + 1)];
        if (attempt.FirstOutput is { } first) _firstChunk.Record(first.TotalSeconds, models);
        if (AttemptReading.IsFault(outcome)) more[^1] = new(Labels.ErrorType, outcome);
        _duration.Record(attempt.Took.TotalSeconds, AttemptReading.IsFault(outcome) ? more : models);
        if (!isWell || attempt.Usage is not { } usage) return;
        more[^1] = new(Labels.TokenType, "input");
        _usage.Record(usage.InputTokens, more);
        more[^1] = new(Labels.TokenType, "output");
        _usage.Record(usage.OutputTokens, more);
    }

    /// <param name="labels">The pool's and the destination's; one more stands behind them.</param>
    private static void Add(
        Counter<long> counter, long amount, Span<KeyValuePair<string, object?>> labels, string name, string value)
    {
        labels[PlaceLabels] = new(name, value);
        counter.Add(amount, labels);
    }
}
