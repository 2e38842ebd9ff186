using System.Diagnostics;
using System.Diagnostics.Metrics;
using Samovar.Accounting;
using Samovar.Metering;

namespace Samovar.Turns;

/// <summary>What turns count.</summary>
internal sealed class TurnMetrics
{
    public const string MeterName = "Samovar.Turns";
    private const int ErrorsMax = 200; // an upstream's own codes are passed on
    private static readonly string[] Models = [Labels.Operation, Labels.Provider, Labels.RequestModel, Labels.ResponseModel];

    private readonly Meter _meter;
    private readonly MetricOptions _options;
    private readonly BoundedNames _models;
    private readonly BoundedNames _errors = new(ErrorsMax);
    private readonly Histogram<double> _duration, _firstToken, _perToken, _queued, _compactions;
    private readonly Counter<long> _tokens, _bytes, _misses, _abandoned, _histories, _compacted;

    public TurnMetrics(IMeterFactory meters, MetricOptions options)
    {
        (_options, _models) = (options, new BoundedNames(options.ModelsMax));
        var meter = _meter = meters.Create(MeterName);
        _duration = meter.CreateHistogram(GenAi.RequestDuration, "s",
            "From a request's arrival to its end, whatever that was; refused requests are among them.",
            Labels.Are([.. Models, Labels.Outcome, Labels.ErrorType, Labels.Tenant]), Buckets.Durations);
        _firstToken = meter.CreateHistogram(GenAi.TimeToFirstToken, "s",
            "From a request's arrival to the first output, of turns that ended well.", Labels.Are(Models), Buckets.FirstToken);
        _perToken = meter.CreateHistogram(GenAi.TimePerOutputToken, "s",
            "Time for each output token after the first, of turns that ended well.", Labels.Are(Models), Buckets.PerToken);
        _queued = meter.CreateHistogram("samovar.turns.queue_time", "s",
            "Time a turn waited before anybody worked on it: lane (for turns before it on its connection), backend (stream, place).",
            Labels.Are(Labels.Queue), Buckets.FirstToken);
        _tokens = meter.CreateCounter<long>("samovar.turns.tokens", "{token}",
            "Tokens of turns: new (input that was computed), cached (input that was not), output.",
            Labels.Are(Labels.RequestModel, Labels.TokenKind, Labels.Tenant));
        _bytes = meter.CreateCounter<long>("samovar.turns.bytes", "By",
            "Bytes of turns: in (from clients), out (to clients), up (to upstreams), back (from upstreams).",
            Labels.Are(Labels.Direction, Labels.Tenant));
        _misses = meter.CreateCounter<long>("samovar.turns.misses", "{turn}",
            "Turns that sent or computed more than their new items, by the reason.", Labels.Are(Labels.RequestModel, Labels.MissCause));
        _histories = meter.CreateCounter<long>("samovar.turns.histories", "{turn}",
            "Turns that named no parent, by whether a chain says what they resent: content, content_without_reasoning, none with a reason.",
            Labels.Are(Labels.Matched));
        _compactions = meter.CreateHistogram("samovar.compactions.duration", "s",
            "Compactions, by form (trigger, endpoint, automatic) and by method (model, extract, whole, upstream; none where it failed); " +
            "where an upstream compacts, or it failed, with the rest of their turn.",
            Labels.Are(Labels.Form, Labels.Method, Labels.ErrorType), Buckets.Durations);
        _compacted = meter.CreateCounter<long>("samovar.compactions.tokens", "{token}",
            "Tokens of conversations that this server compacted, by their bytes: before, and after, of the windows in their place.",
            Labels.Are(Labels.TokenKind));
        _abandoned = meter.CreateCounter<long>("samovar.turns.abandoned", "{turn}", "Turns whose backend did not stop in time.");
    }

    /// <summary>Reports how many turns have a place and wait for one, on request.</summary>
    public void Watch(Func<int> running, Func<int> waiting)
    {
        _meter.CreateObservableUpDownCounter("samovar.turns.running", running, "{turn}", "Turns between admission and their end.");
        _meter.CreateObservableUpDownCounter("samovar.turns.waiting", waiting, "{turn}",
            "Turns that wait for a place among those that run.");
    }

    public void Abandoned() => _abandoned.Add(1);

    public void Ended(RequestRecord record)
    {
        var isWell = record.Outcome is "completed" or "incomplete";
        var model = _models.Of(record.RequestModel, isWell);
        Times(record, model, isWell);
        var tenant = new TagList();
        if (_options.TenantLabel) tenant.Add(Labels.Tenant, record.Tenant.Value);
        var usage = record.Usage;
        Add(_tokens, usage.InputTokens - usage.CachedTokens, With(tenant, (Labels.RequestModel, model), (Labels.TokenKind, "new")));
        Add(_tokens, usage.CachedTokens, With(tenant, (Labels.RequestModel, model), (Labels.TokenKind, "cached")));
        Add(_tokens, usage.OutputTokens, With(tenant, (Labels.RequestModel, model), (Labels.TokenKind, "output")));
        Add(_bytes, record.BytesFromClient, With(tenant, (Labels.Direction, "in")));
        Add(_bytes, record.BytesToClient, With(tenant, (Labels.Direction, "out")));
        Add(_bytes, record.BytesToUpstream, With(tenant, (Labels.Direction, "up")));
        Add(_bytes, record.BytesBack, With(tenant, (Labels.Direction, "back")));
        if (record.Matched is { } matched) _histories.Add(1, new KeyValuePair<string, object?>(Labels.Matched, matched));
        if (record.CompactionForm is { } form) Compacted(record, form);
        if (record.MissCause is { } cause) _misses.Add(1, new(Labels.RequestModel, model), new(Labels.MissCause, cause));
    }

    private void Times(RequestRecord record, string model, bool isWell)
    {
        var models = new TagList
        {
            { Labels.Operation, GenAi.Chat }, { Labels.Provider, GenAi.Samovar }, { Labels.RequestModel, model },
        };
        if (record.Response is not null) models.Add(Labels.ResponseModel, _models.Of(record.Model, isWell));
        var all = With(models, (Labels.Outcome, record.Outcome));
        if (record.ErrorCode is { } code) all.Add(Labels.ErrorType, _errors.Of(code));
        if (_options.TenantLabel) all.Add(Labels.Tenant, record.Tenant.Value);
        _duration.Record(record.Total.TotalSeconds, all);
        if (record.RequestModel is not null) // else nobody knew yet whether it would wait
            _queued.Record(record.Queued.TotalSeconds, new KeyValuePair<string, object?>(Labels.Queue, "lane"));
        if (record.BackendQueued is { } waited)
            _queued.Record(waited.TotalSeconds, new KeyValuePair<string, object?>(Labels.Queue, "backend"));
        if (!isWell || record.FirstToken is not { } first) return;
        _firstToken.Record(first.TotalSeconds, models);
        if (record.Usage.OutputTokens > 1)
            _perToken.Record((record.Total - first).TotalSeconds / (record.Usage.OutputTokens - 1), models);
    }

    private void Compacted(RequestRecord record, string form)
    {
        var labels = new TagList { { Labels.Form, form }, { Labels.Method, record.Compaction?.Split(':')[0] ?? "none" } };
        if (record is { Compaction: null, ErrorCode: { } code }) labels.Add(Labels.ErrorType, _errors.Of(code));
        _compactions.Record((record.CompactionTime ?? record.Total).TotalSeconds, labels);
        Add(_compacted, record.CompactionTokensBefore, With(default, (Labels.TokenKind, "before")));
        Add(_compacted, record.CompactionTokensAfter, With(default, (Labels.TokenKind, "after")));
    }

    private static void Add(Counter<long> counter, long amount, TagList labels)
    {
        if (amount > 0) counter.Add(amount, labels);
    }

    private static TagList With(TagList labels, params ReadOnlySpan<(string Name, object? Value)> more)
    {
        foreach (var (name, value) in more) labels.Add(name, value); // a copy: it is a struct
        return labels;
    }
}
