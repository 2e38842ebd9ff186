using System.Globalization;
using Samovar.Server.Monitoring.Traces;

namespace Samovar.Cli.Traces;

/// <summary>Says in a sentence what most of a turn's time was waited for.</summary>
internal static class LongestWait
{
    public static string Of(TraceReport trace)
    {
        if (trace.TotalUs <= 0 || trace.Spans.Count == 0) return "Nothing has taken any time yet.";
        var longest = trace.Spans.GroupBy(static span => span.Stage, StringComparer.Ordinal)
            .MaxBy(static stage => stage.Sum(static span => span.BusyUs))!;
        var (took, between) = (longest.Sum(static span => span.BusyUs), trace.TotalUs - Covered(trace.Spans));
        return between > took ? Sentence(between, trace, "between the stages: this machine had other work, or the client was behind")
            : Sentence(took, trace, Words(longest.Key, [.. longest], took));
    }

    private static string Sentence(double took, TraceReport trace, string what)
    {
        var share = Math.Min(1, took / trace.TotalUs); // stages beside each other may be longer than the whole
        return string.Create(CultureInfo.InvariantCulture,
            $"Longest: {TraceFigures.Time(took)} of {TraceFigures.Time(trace.TotalUs)} ({share * 100:0} %) {what}.");
    }

    /// <summary>Time in which anything is noted.</summary>
    private static double Covered(IEnumerable<TraceSpanReport> spans)
    {
        var (covered, end) = (0.0, 0.0);
        foreach (var span in spans.OrderBy(static span => span.StartUs))
        {
            var to = span.StartUs + span.DurationUs;
            covered += Math.Max(0, to - Math.Max(end, span.StartUs));
            end = Math.Max(end, to);
        }
        return covered;
    }

    private static string Words(string stage, IReadOnlyList<TraceSpanReport> spans, double took)
    {
        var amount = spans.Sum(static span => span.Amount);
        var at = spans.Select(static span => span.Detail).LastOrDefault(static detail => detail is not null);
        var isOfUpstream = spans[0].Track == "upstream";
        return stage switch
        {
            "receive" => "until the request's bytes were here: its client or the link is slow",
            "read" => "for reading and checking the request",
            "queue" => "in line: for the turns before it in its lane, or for a place among the running ones (Turns:RunningMax)",
            "match" => "for finding what it continues" + (at is null ? "" : $" ({at})"),
            "compact" => "for compacting the conversation" + (at is null ? "" : $" ({at})"),
            "render" => "for running the chat template",
            "tokenise" => "for turning text into tokens",
            "place" when isOfUpstream => $"for a place at an upstream{In(at)}",
            "place" => "for a stream of the engine: others had them (Engine:Streams)",
            "restore" => "for bringing parked state back",
            "prefill" => $"for computing {Tokens(amount, took)} of the prompt",
            "connect" => $"for a connection to an upstream{In(at)}",
            "send" => $"until the upstream began its answer{In(at)}",
            "decode" => $"for generating {Tokens(amount, took)}{In(isOfUpstream ? at : null)}",
            "tool" => $"for tools that run at the server{In(at)}",
            "write" => "for writing to the client: it or the link is slow",
            "store" => "for keeping the response" + (at is null ? "" : $" ({at})"),
            _ => $"in {stage}",
        };
    }

    private static string In(string? at) => at is null ? "" : $" ({at})";

    private static string Tokens(long tokens, double us) => string.Create(CultureInfo.InvariantCulture,
        $"{tokens:N0} tokens{(us > 0 && tokens > 0 ? $" ({tokens / us * 1_000_000:N0} a second)" : "")}");
}
