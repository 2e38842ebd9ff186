using System.Diagnostics.Tracing;
using Microsoft.Extensions.Logging;
using Samovar.Protocol.Errors;

namespace Samovar.Server.Monitoring;

/// <summary>
/// Logs that the collector does not take what it is sent: the exporter itself only writes to its event source. Once in a while, not
/// each time.
/// </summary>
internal sealed partial class ExportFaults(TimeProvider time, ILogger logger) : EventListener
{
    private const string ExporterSource = "OpenTelemetry-Exporter-OpenTelemetryProtocol";
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);
    private readonly Lock _lock = new();
    private long? _loggedAt;

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == ExporterSource) EnableEvents(eventSource, EventLevel.Error);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventSource.Name != ExporterSource) return; // the listener also gets others' events while it is constructed
        lock (_lock)
        {
            if (_loggedAt is { } logged && time.GetElapsedTime(logged) < Every) return;
            _loggedAt = time.GetTimestamp();
        }
        Log.Refused(logger, eventData.EventName ?? "?", DurationText.Of(Every));
    }

    private static partial class Log
    {
        [LoggerMessage(8222, LogLevel.Warning, "The collector does not get metrics or traces: {Fault}; logged at most every {Every}")]
        public static partial void Refused(ILogger logger, string fault, string every);
    }
}
