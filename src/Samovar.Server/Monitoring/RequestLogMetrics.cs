using System.Diagnostics.Metrics;
using Samovar.Metering;

namespace Samovar.Server.Monitoring;

/// <summary>What the request log's file counts.</summary>
internal sealed class RequestLogMetrics(IMeterFactory meters)
{
    public const string MeterName = "Samovar.RequestLog";
    private readonly Counter<long> _lines = meters.Create(MeterName).CreateCounter<long>("samovar.request_log.lines", "{line}",
        "Lines of the request log's file: written, dropped (too many waited), lost (the server stopped while the disk refused them).",
        Labels.Are(Labels.Outcome));
    private long _written, _dropped, _lost;

    public long Written => Interlocked.Read(ref _written);

    /// <summary>Lines that found no room in the queue.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Lines that the disk had not taken when the server stopped.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    public void CountWritten(int lines) => Count(ref _written, lines, "written");

    public void CountDropped() => Count(ref _dropped, 1, "dropped");

    public void CountLost(int lines) => Count(ref _lost, lines, "lost");

    private void Count(ref long total, int lines, string outcome)
    {
        Interlocked.Add(ref total, lines);
        _lines.Add(lines, new KeyValuePair<string, object?>(Labels.Outcome, outcome));
    }
}
