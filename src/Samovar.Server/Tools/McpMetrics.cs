using System.Diagnostics.Metrics;
using Samovar.Metering;

namespace Samovar.Server.Tools;

/// <summary>What sessions with MCP servers count, by the names that the settings give these.</summary>
internal sealed class McpMetrics
{
    public const string MeterName = "Samovar.Tools";

    /// <summary>How a turn came to its session.</summary>
    public const string New = "opened", Reused = "reused", Failed = "failed";

    private readonly Meter _meter;
    private readonly Counter<long> _opened;

    public McpMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _opened = _meter.CreateCounter<long>("samovar.tools.sessions", "{session}",
            "Sessions with MCP servers that turns asked for: opened, failed (to open), reused.",
            Labels.Are(Labels.ToolServer, Labels.Outcome));
    }

    public void Opened(string server, string outcome) =>
        _opened.Add(1, new KeyValuePair<string, object?>(Labels.ToolServer, server), new(Labels.Outcome, outcome));

    /// <summary>Reports how many are kept, on request.</summary>
    public void Watch(Func<int> used, Func<int> idle) => _meter.CreateObservableUpDownCounter("samovar.tools.sessions_open",
        () => new Measurement<int>[]
        {
            new(used(), new KeyValuePair<string, object?>(Labels.State, "used")),
            new(idle(), new KeyValuePair<string, object?>(Labels.State, "idle")),
        }, "{session}", "Sessions with MCP servers that are open and shared, by whether a turn uses them.", Labels.Are(Labels.State));
}
