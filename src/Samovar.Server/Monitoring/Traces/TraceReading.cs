using Samovar.Protocol.Ids;
using Samovar.Tracing;

namespace Samovar.Server.Monitoring.Traces;

/// <summary>A trace in microseconds since its request's first byte.</summary>
internal sealed class TraceReading(TimeProvider time)
{
    /// <param name="continuedBy">Turns that go on from it.</param>
    /// <param name="withTenant">Whether the reader sees everybody's.</param>
    public TraceReport Read(TurnTrace trace, IReadOnlyList<ResponseId> continuedBy, bool withTenant)
    {
        var endedAt = trace.EndedAt;
        var spans = trace.Spans();
        var isOfUpstream = spans.Any(static span => span.Stage is TraceStage.Connect or TraceStage.Send);
        var last = spans.Aggregate(endedAt ?? time.GetTimestamp(), static (last, span) => Math.Max(last, span.To));
        var merged = spans.Sum(static span => span.Count - 1);
        return new TraceReport
        {
            ResponseId = trace.Response.Value,
            Tenant = withTenant ? trace.Tenant.Value : null,
            Lane = trace.Lane.IsDefault ? null : trace.Lane.Name,
            ParentResponseId = trace.Parent?.Value,
            ContinuedBy = continuedBy.Count == 0 ? null : [.. continuedBy.Select(static response => response.Value)],
            Background = trace.IsBackground ? true : null,
            Resumed = trace.Outcome is { Resumes: > 0 and var resumes } ? resumes : null,
            Merged = merged > 0 ? merged : null,
            Status = endedAt is null ? "running" : "ended",
            Outcome = trace.Outcome?.Outcome,
            Error = trace.Outcome?.Error,
            Stage = trace.Stage is { } stage ? TraceNames.Of(stage) : null,
            StartedAt = trace.ArrivedOn,
            TotalUs = Us(trace.ArrivedAt, last),
            FirstOutputUs = trace.FirstOutputAt is { } first ? Us(trace.ArrivedAt, first) : null,
            InputTokens = trace.Outcome?.InputTokens,
            CachedTokens = trace.Outcome?.CachedTokens,
            OutputTokens = trace.Outcome?.OutputTokens,
            Spans =
            [
                .. spans.OrderBy(static span => span.From).ThenBy(static span => span.To).Select(span => Of(span, trace, isOfUpstream)),
            ],
        };
    }

    private TraceSpanReport Of(TraceSpan span, TurnTrace trace, bool isOfUpstream) => new()
    {
        Stage = TraceNames.Of(span.Stage),
        Track = TraceNames.TrackOf(span.Stage, isOfUpstream),
        StartUs = Us(trace.ArrivedAt, span.From),
        DurationUs = Us(span.From, span.To),
        BusyUs = Us(0, span.Busy),
        Amount = span.Amount,
        Unit = TraceNames.UnitOf(span.Stage),
        Count = span.Count,
        LongestPauseUs = span.Pause > 0 ? Us(0, span.Pause) : null,
        LongestPauseStartUs = span.Pause > 0 ? Us(trace.ArrivedAt, span.PausedAt) : null,
        Detail = span.Detail,
    };

    private double Us(long from, long to) => Math.Round(time.GetElapsedTime(from, to).TotalMicroseconds, 1);
}
