using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Samovar.Accounting;

namespace Samovar.Server.Monitoring;

/// <summary>One request record as one JSON line: ids, names and figures, never content.</summary>
internal static class RequestLogLine
{
    // People read the file in terminals: names from clients and upstreams are written as ASCII.
    private static readonly JsonWriterOptions Ascii = new() { Encoder = JavaScriptEncoder.Default };

    /// <returns>The line with its end.</returns>
    public static byte[] Of(RequestRecord record, DateTimeOffset at)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, Ascii))
        {
            writer.WriteStartObject();
            writer.WriteString("at"u8, at);
            Write(writer, record);
            writer.WriteEndObject();
        }
        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, RequestRecord record)
    {
        writer.WriteString("outcome"u8, record.Outcome);
        writer.WriteString("tenant"u8, record.Tenant.Value);
        Text(writer, "response", record.Response?.Value);
        Text(writer, "previous", record.Previous?.Value);
        Text(writer, "lane", record.Lane.Name);
        Text(writer, "client", record.Client);
        Text(writer, "thread", record.Thread);
        Text(writer, "parent_thread", record.ParentThread);
        Text(writer, "client_turn", record.ClientTurn);
        Text(writer, "request_model", record.RequestModel);
        Text(writer, "model", record.Model);
        Text(writer, "destination", record.Destination);
        Text(writer, "relayed_to", record.RelayedTo);
        if (record.Taken is { } taken)
        {
            writer.WriteString("taken_over"u8, taken.Reason);
            Text(writer, "taken_from", taken.From);
            writer.WriteNumber("taken_epoch"u8, taken.Epoch);
        }
        Text(writer, "affinity", record.Affinity);
        Text(writer, "matched", record.Matched);
        Text(writer, "compaction", record.Compaction);
        Text(writer, "compaction_form", record.CompactionForm);
        if (record.CompactionTime is { } compacting) writer.WriteNumber("compaction_ms"u8, compacting.TotalMilliseconds);
        if (record.CompactionTokensBefore > 0)
        {
            writer.WriteNumber("compaction_tokens_before"u8, record.CompactionTokensBefore);
            writer.WriteNumber("compaction_tokens_after"u8, record.CompactionTokensAfter);
        }
        if (record.IsBackground) writer.WriteBoolean("background"u8, true);
        if (record.Resumes > 0) writer.WriteNumber("resumed"u8, record.Resumes);
        Text(writer, "error", record.ErrorCode);
        Text(writer, "miss", record.MissCause);
        writer.WriteNumber("bytes_from_client"u8, record.BytesFromClient);
        writer.WriteNumber("bytes_to_client"u8, record.BytesToClient);
        writer.WriteNumber("bytes_to_upstream"u8, record.BytesToUpstream);
        writer.WriteNumber("bytes_back"u8, record.BytesBack);
        writer.WriteNumber("input_tokens"u8, record.Usage.InputTokens);
        writer.WriteNumber("cached_tokens"u8, record.Usage.CachedTokens);
        if (record.Usage.CacheWriteTokens > 0) writer.WriteNumber("cache_write_tokens"u8, record.Usage.CacheWriteTokens);
        if (record.InputCost is { } cost) writer.WriteNumber("input_cost_tokens"u8, cost);
        writer.WriteNumber("output_tokens"u8, record.Usage.OutputTokens);
        if (record.DraftedTokens > 0)
        {
            writer.WriteNumber("drafted_tokens"u8, record.DraftedTokens);
            writer.WriteNumber("accepted_tokens"u8, record.AcceptedTokens);
        }
        writer.WriteNumber("retries"u8, record.Retries);
        Texts(writer, "faults", record.Faults);
        writer.WriteNumber("queued_ms"u8, record.Queued.TotalMilliseconds);
        if (record.BackendQueued is { } waited) writer.WriteNumber("backend_queued_ms"u8, waited.TotalMilliseconds);
        if (record.FirstToken is { } first) writer.WriteNumber("first_token_ms"u8, first.TotalMilliseconds);
        if (record.StoreTime is { } storing) writer.WriteNumber("store_ms"u8, storing.TotalMilliseconds);
        writer.WriteNumber("total_ms"u8, record.Total.TotalMilliseconds);
        Texts(writer, "dropped", record.Dropped);
    }

    private static void Texts(Utf8JsonWriter writer, string name, IReadOnlyList<string> values)
    {
        if (values.Count == 0) return;
        writer.WriteStartArray(name);
        foreach (var value in values) writer.WriteStringValue(value);
        writer.WriteEndArray();
    }

    private static void Text(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null) writer.WriteString(name, value);
    }
}
