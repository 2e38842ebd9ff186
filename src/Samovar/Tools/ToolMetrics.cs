using System.Diagnostics.Metrics;
using Samovar.Metering;

namespace Samovar.Tools;

/// <summary>What tools that run here count. Servers go by the names that the settings give them: no text of a client or a server is a
/// label.</summary>
internal sealed class ToolMetrics
{
    public const string MeterName = "Samovar.Tools";

    /// <summary>What became of a call that needs its user's approval.</summary>
    public const string Asked = "asked", Approved = "approved", Refused = "refused";

    /// <summary>A server that the request at hand does not name.</summary>
    public const string NoServer = "none";

    private readonly Histogram<double> _duration;
    private readonly Counter<long> _bytes, _approvals;

    public ToolMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _duration = meter.CreateHistogram("samovar.tools.duration", "s",
            "Lists (tools/list) and calls (tools/call) of tools that run here, without the wait for a place among a response's calls, by " +
            "how they ended: completed, error (the tool says so), failed, timed_out, cancelled.",
            Labels.Are(Labels.ToolServer, Labels.ToolMethod, Labels.Outcome), Buckets.Durations);
        _bytes = meter.CreateCounter<long>("samovar.tools.bytes", "By",
            "Bytes of texts: out (arguments of calls), back (results and lists, as they are kept).",
            Labels.Are(Labels.ToolServer, Labels.Direction));
        _approvals = meter.CreateCounter<long>("samovar.tools.approvals", "{call}",
            "Calls that need an approval: asked, approved, refused.", Labels.Are(Labels.ToolServer, Labels.Outcome));
    }

    /// <summary>A list or a call is over.</summary>
    public void Ended(string server, string method, string outcome, TimeSpan took, long bytesOut, long bytesBack)
    {
        _duration.Record(
            took.TotalSeconds, new(Labels.ToolServer, server), new(Labels.ToolMethod, method), new(Labels.Outcome, outcome));
        if (bytesOut > 0) _bytes.Add(bytesOut, new(Labels.ToolServer, server), new(Labels.Direction, "out"));
        if (bytesBack > 0) _bytes.Add(bytesBack, new(Labels.ToolServer, server), new(Labels.Direction, "back"));
    }

    /// <param name="outcome"><see cref="Asked"/>, <see cref="Approved"/> or <see cref="Refused"/>.</param>
    public void Approval(string? server, string outcome) =>
        _approvals.Add(1, new(Labels.ToolServer, server ?? NoServer), new(Labels.Outcome, outcome));
}
