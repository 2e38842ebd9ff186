using System.Globalization;
using Samovar.Server.Monitoring.Traces;

namespace Samovar.Cli.Traces;

/// <summary>Says in a sentence how an answer went out: in how many writes, and where it stood still longest.</summary>
internal static class TraceWrites
{
    /// <returns>Null where there were not two writes.</returns>
    public static string? Of(TraceReport trace)
    {
        var spans = trace.Spans.Where(static span => span.Stage == "write").ToList();
        var writes = spans.Sum(static span => span.Count);
        if (writes < 2) return null;
        var (pause, at) = Longest(spans);
        var merged = writes - spans.Count;
        var noted = merged == 0 ? "each noted by itself"
            : string.Create(CultureInfo.InvariantCulture, $"merged into {spans.Count:N0} stretches, the first ones alone");
        var longest = pause <= 0 ? "" : $" Longest pause between two: {TraceFigures.Time(pause)}, from {TraceFigures.Time(at)} on.";
        return string.Create(CultureInfo.InvariantCulture, $"{writes:N0} writes, {noted}.{longest}");
    }

    private static (double Pause, double At) Longest(List<TraceSpanReport> spans)
    {
        var (pause, at, end) = (0.0, 0.0, spans[0].StartUs);
        foreach (var span in spans)
        {
            if (span.StartUs - end > pause) (pause, at) = (span.StartUs - end, end);
            if (span.LongestPauseUs is { } inside && inside > pause) (pause, at) = (inside, span.LongestPauseStartUs ?? span.StartUs);
            end = Math.Max(end, span.StartUs + span.DurationUs);
        }
        return (pause, at);
    }
}
