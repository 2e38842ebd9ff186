using System.Diagnostics.Metrics;
using Samovar.Accounting;

namespace Samovar.Turns;

/// <summary>What turns count.</summary>
internal sealed class TurnMetrics
{
    public const string MeterName = "Samovar.Turns";

    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _firstToken;
    private readonly Counter<long> _tokens;
    private readonly Counter<long> _abandoned;

    public TurnMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        Running = meter.CreateUpDownCounter<int>("samovar.turns.running", "{turn}", "Turns between admission and their end.");
        _duration = meter.CreateHistogram<double>("samovar.turns.duration", "s",
            "From a request's arrival to its end, by model and outcome.");
        _firstToken = meter.CreateHistogram<double>("samovar.turns.first_token", "s",
            "From a request's arrival to the first output, by model.");
        _tokens = meter.CreateCounter<long>("samovar.turns.tokens", "{token}",
            "Tokens by model and kind: new (input not cached), cached, output.");
        _abandoned = meter.CreateCounter<long>("samovar.turns.abandoned", "{turn}", "Turns whose backend did not stop in time.");
    }

    public UpDownCounter<int> Running { get; }

    public void Abandoned() => _abandoned.Add(1);

    public void Ended(RequestRecord record)
    {
        var model = new KeyValuePair<string, object?>("model", record.Model);
        _duration.Record(record.Total.TotalSeconds, model, new("outcome", record.Outcome));
        if (record.FirstToken is { } first) _firstToken.Record(first.TotalSeconds, model);
        var usage = record.Usage;
        _tokens.Add(usage.InputTokens - usage.CachedTokens, model, new("kind", "new"));
        _tokens.Add(usage.CachedTokens, model, new("kind", "cached"));
        _tokens.Add(usage.OutputTokens, model, new("kind", "output"));
    }
}
