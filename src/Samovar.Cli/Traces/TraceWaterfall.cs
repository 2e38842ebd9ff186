using System.Globalization;
using Samovar.Server.Monitoring.Traces;

namespace Samovar.Cli.Traces;

/// <summary>A trace as lines of text: a row for each stretch, placed in the turn's time.</summary>
internal static class TraceWaterfall
{
    private const int RowsOfStageMax = 8; // a stage with more of them has one row
    private const int StageWidth = 9, TimeWidth = 10, AmountWidth = 34, BarWidthMin = 10;

    public static IEnumerable<string> Lines(TraceReport trace, int width)
    {
        yield return Head(trace);
        if (Links(trace) is { Length: > 0 } links) yield return links;
        yield return $"{TraceFigures.Time(trace.TotalUs)} in all{First(trace)}{Tokens(trace)}";
        yield return "";
        var bar = Math.Max(BarWidthMin, width - StageWidth - 2 * TimeWidth - AmountWidth - 5);
        yield return Row("stage", "start", "took", "".PadRight(bar), "").TrimEnd();
        foreach (var span in Rows(trace.Spans))
            yield return Row(span.Stage, TraceFigures.Time(span.StartUs), TraceFigures.Time(span.BusyUs), Bar(span, trace.TotalUs, bar),
                Amount(span)).TrimEnd();
        yield return "";
        if (TraceWrites.Of(trace) is { } writes) yield return writes;
        yield return LongestWait.Of(trace);
    }

    private static string Row(string stage, string start, string took, string bar, string amount) =>
        $"{stage,-StageWidth} {start,TimeWidth} {took,TimeWidth}  {bar}  {amount}";

    private static string Head(TraceReport trace)
    {
        var state = trace.Outcome ?? (trace.Stage is { } stage ? $"running, now in {stage}" : trace.Status);
        var (error, lane) = (trace.Error is { } code ? $": {code}" : "", trace.Lane is { } name ? $"  lane {name}" : "");
        return $"{trace.ResponseId}  {state}{error}{lane}";
    }

    private static string Links(TraceReport trace) => string.Join("  ", new[]
    {
        trace.Background is true ? "background" : null,
        trace.Resumed is { } times ? string.Create(CultureInfo.InvariantCulture, $"resumed {times:N0}×") : null,
        trace.ParentResponseId is { } parent ? $"after {parent}" : null,
        trace.ContinuedBy is { Count: > 0 } next ? $"before {string.Join(", ", next)}" : null,
    }.Where(static part => part is not null));

    private static string First(TraceReport trace) =>
        trace.FirstOutputUs is { } first ? $", first output after {TraceFigures.Time(first)}" : "";

    private static string Tokens(TraceReport trace) => trace.InputTokens is not > 0 ? "" : string.Create(CultureInfo.InvariantCulture,
        $"; {trace.InputTokens:N0} tokens in ({trace.CachedTokens:N0} cached), {trace.OutputTokens:N0} out");

    private static IEnumerable<TraceSpanReport> Rows(IReadOnlyList<TraceSpanReport> spans)
    {
        var many = spans.GroupBy(static span => span.Stage, StringComparer.Ordinal).Where(static stage => stage.Count() > RowsOfStageMax)
            .ToDictionary(static stage => stage.Key, static stage => Together([.. stage]), StringComparer.Ordinal);
        var shown = new HashSet<string>(StringComparer.Ordinal);
        foreach (var span in spans)
            if (!many.TryGetValue(span.Stage, out var together)) yield return span;
            else if (shown.Add(span.Stage)) yield return together;
    }

    private static TraceSpanReport Together(IReadOnlyList<TraceSpanReport> spans) => spans[0] with
    {
        DurationUs = spans.Max(static span => span.StartUs + span.DurationUs) - spans[0].StartUs,
        BusyUs = spans.Sum(static span => span.BusyUs),
        Amount = spans.Sum(static span => span.Amount),
        Count = spans.Sum(static span => span.Count),
        Detail = null,
    };

    private static string Bar(TraceSpanReport span, double total, int width)
    {
        if (total <= 0) return new string(' ', width);
        var from = Math.Clamp((int)(span.StartUs / total * width), 0, width - 1);
        var to = Math.Clamp((int)Math.Ceiling((span.StartUs + span.DurationUs) / total * width), from + 1, width);
        var isWhole = span.BusyUs >= span.DurationUs / 2; // else most of it lies between those that it stands for
        return (new string(' ', from) + new string(isWhole ? '█' : '░', to - from)).PadRight(width);
    }

    private static string Amount(TraceSpanReport span)
    {
        var unit = span is { Unit: { } units } ? span.Amount == 1 ? units.TrimEnd('s') : units : "";
        var amount = span is { Unit: not null, Amount: > 0 } ? string.Create(CultureInfo.InvariantCulture, $"{span.Amount:N0} {unit}") : "";
        var count = span.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $"in {span.Count:N0}") : "";
        return string.Join(", ", new[] { $"{amount} {count}".Trim(), span.Detail ?? "" }.Where(static part => part.Length > 0));
    }
}
