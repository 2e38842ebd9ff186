using System.Text.Json;

namespace Samovar.Server.Monitoring.Traces;

/// <summary>
/// A trace as Perfetto and <c>chrome://tracing</c> open it (Trace Event Format): the turn is a process, who works on it are its threads.
/// </summary>
internal static class ChromeTrace
{
    private const int Process = 1, TurnThread = 1;

    public static byte[] Of(TraceReport trace)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer)) Write(json, trace);
        return buffer.ToArray();
    }

    private static void Write(Utf8JsonWriter json, TraceReport trace)
    {
        var started = (trace.StartedAt - DateTimeOffset.UnixEpoch).TotalMicroseconds; // traces of several turns fit into one picture
        json.WriteStartObject();
        json.WriteString("displayTimeUnit"u8, "ms"u8);
        json.WriteStartArray("traceEvents"u8);
        Name(json, "process_name", TurnThread, $"turn {trace.ResponseId}");
        Name(json, "thread_name", TurnThread, "turn");
        foreach (var track in TraceNames.Tracks)
            if (trace.Spans.Any(span => span.Track == track)) Name(json, "thread_name", ThreadOf(track), track);
        WriteTurn(json, trace, started);
        foreach (var span in trace.Spans) WriteSpan(json, span, started);
        if (trace.FirstOutputUs is { } first)
        {
            Begin(json, "first output", "i", TurnThread, started + first);
            json.WriteString("s"u8, "p"u8);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteTurn(Utf8JsonWriter json, TraceReport trace, double started)
    {
        Begin(json, trace.Outcome ?? trace.Status, "X", TurnThread, started);
        json.WriteNumber("dur"u8, trace.TotalUs);
        json.WriteStartObject("args"u8);
        json.WriteString("response_id"u8, trace.ResponseId);
        if (trace.Error is { } error) json.WriteString("error"u8, error);
        if (trace.InputTokens is { } input) json.WriteNumber("input_tokens"u8, input);
        if (trace.CachedTokens is { } cached) json.WriteNumber("cached_tokens"u8, cached);
        if (trace.OutputTokens is { } output) json.WriteNumber("output_tokens"u8, output);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteSpan(Utf8JsonWriter json, TraceSpanReport span, double started)
    {
        Begin(json, span.Stage, "X", ThreadOf(span.Track), started + span.StartUs);
        json.WriteNumber("dur"u8, span.DurationUs);
        json.WriteStartObject("args"u8);
        if (span.Unit is { } unit) json.WriteNumber(unit, span.Amount);
        if (span.Count > 1) json.WriteNumber("count"u8, span.Count);
        if (span.Count > 1) json.WriteNumber("busy_us"u8, span.BusyUs);
        if (span.LongestPauseUs is { } pause) json.WriteNumber("longest_pause_us"u8, pause);
        if (span.LongestPauseStartUs is { } paused) json.WriteNumber("longest_pause_start_us"u8, paused);
        if (span.Detail is { } detail) json.WriteString("detail"u8, detail);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Name(Utf8JsonWriter json, string kind, int thread, string name)
    {
        Begin(json, kind, "M", thread, 0);
        json.WriteStartObject("args"u8);
        json.WriteString("name"u8, name);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Begin(Utf8JsonWriter json, string name, string phase, int thread, double at)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, name);
        json.WriteString("ph"u8, phase);
        json.WriteNumber("ts"u8, at);
        json.WriteNumber("pid"u8, Process);
        json.WriteNumber("tid"u8, thread);
    }

    private static int ThreadOf(string track) => TurnThread + 1 + Array.IndexOf(TraceNames.Tracks, track);
}
