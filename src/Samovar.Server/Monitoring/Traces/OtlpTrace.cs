using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Samovar.Server.Monitoring.Traces;

/// <summary>A trace as OTLP/JSON, as a collector takes it at <c>/v1/traces</c>: the turn's span, and its stretches below it.</summary>
/// <remarks>Its ids come from the response's: the same turn read twice is the same trace.</remarks>
internal static class OtlpTrace
{
    private const int TraceIdBytes = 16, SpanIdBytes = 8;
    private const int Internal = 1, Server = 2; // SpanKind
    private const int Failed = 2; // StatusCode

    public static byte[] Of(TraceReport trace)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer)) Write(json, trace);
        return buffer.ToArray();
    }

    private static void Write(Utf8JsonWriter json, TraceReport trace)
    {
        json.WriteStartObject();
        json.WriteStartArray("resourceSpans"u8);
        json.WriteStartObject();
        json.WriteStartObject("resource"u8);
        json.WriteStartArray("attributes"u8);
        Attribute(json, "service.name", "samovar");
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartArray("scopeSpans"u8);
        json.WriteStartObject();
        json.WriteStartObject("scope"u8);
        json.WriteString("name"u8, "Samovar"u8);
        json.WriteEndObject();
        json.WriteStartArray("spans"u8);
        WriteTurn(json, trace);
        for (var at = 0; at < trace.Spans.Count; at++) WriteSpan(json, trace, trace.Spans[at], at + 1);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteTurn(Utf8JsonWriter json, TraceReport trace)
    {
        Begin(json, trace, 0, "turn", Server, 0, trace.TotalUs);
        json.WriteStartArray("attributes"u8);
        Attribute(json, "gen_ai.response.id", trace.ResponseId);
        if (trace.Outcome is { } outcome) Attribute(json, "samovar.outcome", outcome);
        if (trace.Error is { } code) Attribute(json, "error.type", code);
        if (trace.InputTokens is { } input) Attribute(json, "gen_ai.usage.input_tokens", input);
        if (trace.CachedTokens is { } cached) Attribute(json, "gen_ai.usage.cache_read.input_tokens", cached);
        if (trace.OutputTokens is { } output) Attribute(json, "gen_ai.usage.output_tokens", output);
        if (trace.ParentResponseId is { } parent) Attribute(json, "samovar.previous", parent);
        if (trace.FirstOutputUs is { } first) Attribute(json, "samovar.first_output_us", (long)first);
        json.WriteEndArray();
        json.WriteStartObject("status"u8);
        if (trace.Error is not null) json.WriteNumber("code"u8, Failed);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteSpan(Utf8JsonWriter json, TraceReport trace, TraceSpanReport span, int number)
    {
        Begin(json, trace, number, span.Stage, Internal, span.StartUs, span.StartUs + span.DurationUs);
        json.WriteString("parentSpanId"u8, SpanId(trace, 0));
        json.WriteStartArray("attributes"u8);
        Attribute(json, "samovar.track", span.Track);
        if (span.Unit is { } unit) Attribute(json, $"samovar.{unit}", span.Amount);
        if (span.Count > 1) Attribute(json, "samovar.count", span.Count);
        if (span.Count > 1) Attribute(json, "samovar.busy_us", (long)span.BusyUs);
        if (span.LongestPauseUs is { } pause) Attribute(json, "samovar.longest_pause_us", (long)pause);
        if (span.Detail is { } detail) Attribute(json, "samovar.detail", detail);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Begin(Utf8JsonWriter json, TraceReport trace, int number, string name, int kind, double fromUs, double toUs)
    {
        json.WriteStartObject();
        json.WriteString("traceId"u8, Hex(trace.ResponseId, TraceIdBytes));
        json.WriteString("spanId"u8, SpanId(trace, number));
        json.WriteString("name"u8, name);
        json.WriteNumber("kind"u8, kind);
        json.WriteString("startTimeUnixNano"u8, Nanoseconds(trace, fromUs));
        json.WriteString("endTimeUnixNano"u8, Nanoseconds(trace, toUs));
    }

    /// <summary>As text: numbers of that size are no numbers to many readers of JSON.</summary>
    private static string Nanoseconds(TraceReport trace, double us) => ((trace.StartedAt - DateTimeOffset.UnixEpoch).Ticks
        * TimeSpan.NanosecondsPerTick + (long)(us * 1000)).ToString(CultureInfo.InvariantCulture);

    private static string SpanId(TraceReport trace, int number) => Hex($"{trace.ResponseId}/{number}", SpanIdBytes);

    private static string Hex(string name, int bytes) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, bytes));

    private static void Attribute(Utf8JsonWriter json, string key, string value)
    {
        json.WriteStartObject();
        json.WriteString("key"u8, key);
        json.WriteStartObject("value"u8);
        json.WriteString("stringValue"u8, value);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Attribute(Utf8JsonWriter json, string key, long value)
    {
        json.WriteStartObject();
        json.WriteString("key"u8, key);
        json.WriteStartObject("value"u8);
        json.WriteString("intValue"u8, value.ToString(CultureInfo.InvariantCulture));
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
