using System.Diagnostics.Metrics;

namespace Samovar.Sessions;

/// <summary>What sessions count.</summary>
internal sealed class SessionMetrics
{
    public const string MeterName = "Samovar.Sessions";

    public SessionMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        Open = meter.CreateUpDownCounter<int>("samovar.sessions.open", "{session}", "Connections with a session.");
        Refused = meter.CreateCounter<long>("samovar.sessions.refused", "{frame}", "Frames refused before they waited, by error code.");
        Evicted = meter.CreateCounter<long>(
            "samovar.sessions.evicted", "{response}",
                "Responses that left a connection's memory, by reason: superseded, failed_continuation, closed.");
    }

    public UpDownCounter<int> Open { get; }
    public Counter<long> Refused { get; }
    public Counter<long> Evicted { get; }
}
