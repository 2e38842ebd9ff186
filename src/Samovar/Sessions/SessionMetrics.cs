using System.Diagnostics.Metrics;
using Samovar.Metering;
using Samovar.Protocol.Errors;

namespace Samovar.Sessions;

/// <summary>What sessions count.</summary>
internal sealed class SessionMetrics
{
    public const string MeterName = "Samovar.Sessions";
    private readonly Meter _meter;
    private readonly Counter<long> _steers;

    public SessionMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        Refused = _meter.CreateCounter<long>("samovar.sessions.refused", "{frame}", "Frames refused before they waited, by error code.",
            Labels.Are(Labels.ErrorType));
        _steers = _meter.CreateCounter<long>("samovar.sessions.steers", "{steer}",
            "What clients said to running responses, by outcome: accepted or refused; then followed (a response began with it), pending " +
            "(it waits for a call's output), failed, gone (with its connection).", Labels.Are(Labels.Outcome, Labels.ErrorType));
        Evicted = _meter.CreateCounter<long>("samovar.sessions.evicted", "{response}",
            "Responses that left a connection's memory, by reason: superseded, failed_continuation, closed, and for want of room " +
            "connection_bytes, node_bytes, too_large.",
            Labels.Are(Labels.Reason));
    }

    /// <summary>What became of what clients said to running responses; never throws.</summary>
    public void Steered(int count, string outcome, ErrorKind? error = null) => GuardedLog.Write(() =>
    {
        if (error is null) _steers.Add(count, new KeyValuePair<string, object?>(Labels.Outcome, outcome));
        else _steers.Add(count, new(Labels.Outcome, outcome), new(Labels.ErrorType, error.Code));
    });

    public Counter<long> Refused { get; }
    public Counter<long> Evicted { get; }

    /// <summary>Reports what the lanes keep, on request.</summary>
    public void WatchRetained(Func<long> bytes) => _meter.CreateObservableUpDownCounter(
        "samovar.sessions.retained", bytes, "By", "Memory of the chains that connections keep for their lanes.");

    /// <summary>Reports what all sessions together do, on request.</summary>
    public void Watch(Func<SessionFigures> read)
    {
        _meter.CreateObservableUpDownCounter(
            "samovar.sessions.open", () => read().Open, "{session}", "WebSocket connections with a session.");
        _meter.CreateObservableGauge("samovar.sessions.lanes", () => read().Lanes, "{lane}", "Lanes of all open sessions.");
        _meter.CreateObservableGauge("samovar.sessions.running", () => read().Running, "{turn}", "Turns that run on a session.");
        _meter.CreateObservableGauge(
            "samovar.sessions.queued", () => read().Queued, "{turn}", "Turns that wait in a lane for the turn before them.");
    }
}

/// <summary>What some sessions do at the moment.</summary>
/// <param name="Open">Connections.</param>
/// <param name="Lanes">Lanes that were ever used on them.</param>
/// <param name="Running">Turns that run.</param>
/// <param name="Queued">Turns that wait in their lanes.</param>
internal readonly record struct SessionFigures(int Open, int Lanes, int Running, int Queued);
