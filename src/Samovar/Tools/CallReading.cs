using System.Diagnostics;
using Samovar.Backends;
using Samovar.Metering;
using Samovar.Tracing;

namespace Samovar.Tools;

/// <summary>One list or call of a server of tools as those see it who count: how long it took, how it ended, how much was said.</summary>
/// <remarks>Its span and its place in the turn's time name the server as the settings do, and nothing that it or a model said.</remarks>
internal sealed class CallReading
{
    public const string List = "tools/list", Call = "tools/call";
    public const string Completed = "completed", Error = "error", Failed = "failed", TimedOut = "timed_out", Cancelled = "cancelled";

    private readonly BackendTurn _turn;
    private readonly string _server, _method;
    private readonly ToolMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly long _begunAt;
    private readonly Activity? _span;

    public CallReading(BackendTurn turn, string server, string method, ToolMetrics metrics, TimeProvider time)
    {
        (_turn, _server, _method, _metrics, _time, _begunAt) = (turn, server, method, metrics, time, time.GetTimestamp());
        _span = Spans.Begin(method, ActivityKind.Client, turn.Trace?.Context ?? default, time.GetUtcNow());
        if (method == Call) _span?.SetTag(Labels.Operation, GenAi.ExecuteTool);
        _span?.SetTag(Labels.ToolMethod, method).SetTag(Labels.ToolServer, server);
    }

    public string Outcome { get; set; } = Failed;

    /// <summary>Bytes of arguments.</summary>
    public long BytesOut { get; init; }

    /// <summary>Bytes of the result, or of the list.</summary>
    public long BytesBack { get; set; }

    /// <summary>It is over.</summary>
    /// <returns>How long it took.</returns>
    public TimeSpan End()
    {
        var now = _time.GetTimestamp();
        var took = _time.GetElapsedTime(_begunAt, now);
        _metrics.Ended(_server, _method, Outcome, took, BytesOut, BytesBack);
        _turn.Times?.Add(TraceStage.Tool, _begunAt, now, BytesBack, Outcome == Completed ? _server : $"{_server}: {Outcome}");
        if (_span is not { } span) return took;
        span.SetTag(Labels.Outcome, Outcome).SetTag("samovar.bytes_out", BytesOut).SetTag("samovar.bytes_back", BytesBack);
        span.End(Outcome is Completed or Cancelled ? null : Outcome);
        return took;
    }
}
