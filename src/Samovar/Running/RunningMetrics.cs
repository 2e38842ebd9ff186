using System.Diagnostics;
using System.Diagnostics.Metrics;
using Samovar.Metering;

namespace Samovar.Running;

/// <summary>What background turns, and turns whose events can be read again, count.</summary>
internal sealed class RunningMetrics
{
    public const string MeterName = "Samovar.Running";
    private const int ErrorsMax = 200; // an upstream's own codes are passed on
    private readonly BoundedNames _errors = new(ErrorsMax);
    private readonly Counter<long> _ended;

    public RunningMetrics(IMeterFactory meters, RunningTurns turns, BackgroundLine line)
    {
        var meter = meters.Create(MeterName);
        _ended = meter.CreateCounter<long>("samovar.background.ended", "{turn}",
            "Background turns that ended, by outcome: completed, incomplete, failed, cancelled. What a dead process ran has failed with " +
            "server_restart.", Labels.Are(Labels.Outcome, Labels.ErrorType));
        meter.CreateObservableGauge("samovar.background.queued", () => line.Waiting, "{turn}", "Background turns that wait for a place.");
        meter.CreateObservableGauge(
            "samovar.background.queue_limit", () => line.WaitingMax, "{turn}", "Background turns that may wait; one more is refused.");
        meter.CreateObservableGauge("samovar.background.running", () => line.Running, "{turn}", "Background turns that have a place.");
        meter.CreateObservableGauge("samovar.replay.turns", () => States(turns.Figures), "{turn}",
            "Turns whose events can be read again, by state: running, over.", Labels.Are(Labels.State));
        meter.CreateObservableGauge("samovar.replay.held", () => turns.Bytes, "By", "Memory of events that are kept to be read again.");
        meter.CreateObservableGauge("samovar.replay.limit", () => turns.Figures.BytesMax, "By", "Memory that they may take.");
        meter.CreateObservableCounter("samovar.replay.resumed", () => turns.Figures.Resumed, "{reading}",
            "Times that a reader came back to a turn, or another one came.");
    }

    /// <summary>A background turn is over; never throws.</summary>
    /// <param name="error">A code; null where there is none.</param>
    public void BackgroundEnded(string outcome, string? error) => GuardedLog.Write(() =>
    {
        var labels = new TagList { { Labels.Outcome, outcome } };
        if (error is not null) labels.Add(Labels.ErrorType, _errors.Of(error));
        _ended.Add(1, labels);
    });

    private static IEnumerable<Measurement<long>> States(ReplayFigures now) =>
    [
        new(now.Running, new KeyValuePair<string, object?>(Labels.State, "running")),
        new(now.Over, new KeyValuePair<string, object?>(Labels.State, "over")),
    ];
}
