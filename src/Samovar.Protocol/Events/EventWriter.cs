using System.Text.Json;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Protocol.Events;

/// <summary>Writes one event as one JSON object: <c>type</c> first, then <c>sequence_number</c>. The result is the only
/// allocation.</summary>
public static class EventWriter
{
    public static ReadOnlyMemory<byte> Write(ResponseEvent e, long sequenceNumber, ResponseEventOptions options)
    {
        using var buffer = JsonBuffer.Rent();
        Write(buffer.Writer, e, sequenceNumber, options);
        return buffer.ToArray();
    }

    /// <param name="streamId">The lane that it names at its end; null for none.</param>
    internal static void Write(
        Utf8JsonWriter writer, ResponseEvent e, long sequenceNumber, ResponseEventOptions options, string? streamId = null)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, EventNames.Of(e, options));
        writer.WriteNumber("sequence_number"u8, sequenceNumber);
        if (!WriteDelta(writer, e) && !WriteDone(writer, e) && !WriteStep(writer, e)) WriteSnapshot(writer, e, options);
        if (streamId is not null) writer.WriteString("stream_id"u8, streamId);
        writer.WriteEndObject();
    }

    // One per token: tried first.
    private static bool WriteDelta(Utf8JsonWriter writer, ResponseEvent e)
    {
        switch (e)
        {
            case ResponseEvent.OutputTextDelta d:
                WritePlace(writer, d.ItemId, d.OutputIndex, "content_index"u8, d.ContentIndex);
                writer.WriteString("delta"u8, d.Delta);
                WriteLogprobs(writer, d.Logprobs);
                return true;
            case ResponseEvent.FunctionCallArgumentsDelta d:
                WritePlace(writer, d.ItemId, d.OutputIndex);
                writer.WriteString("delta"u8, d.Delta);
                return true;
            case ResponseEvent.CustomToolCallInputDelta d:
                WritePlace(writer, d.ItemId, d.OutputIndex);
                writer.WriteString("delta"u8, d.Delta);
                return true;
            case ResponseEvent.ReasoningTextDelta d:
                WritePlace(writer, d.ItemId, d.OutputIndex, "content_index"u8, d.ContentIndex);
                writer.WriteString("delta"u8, d.Delta);
                return true;
            case ResponseEvent.ReasoningSummaryTextDelta d:
                WritePlace(writer, d.ItemId, d.OutputIndex, "summary_index"u8, d.SummaryIndex);
                writer.WriteString("delta"u8, d.Delta);
                return true;
            case ResponseEvent.RefusalDelta d:
                WritePlace(writer, d.ItemId, d.OutputIndex, "content_index"u8, d.ContentIndex);
                writer.WriteString("delta"u8, d.Delta);
                return true;
            default:
                return false;
        }
    }

    private static bool WriteDone(Utf8JsonWriter writer, ResponseEvent e)
    {
        switch (e)
        {
            case ResponseEvent.OutputTextDone d:
                WritePlace(writer, d.ItemId, d.OutputIndex, "content_index"u8, d.ContentIndex);
                writer.WriteString("text"u8, d.Text);
                WriteLogprobs(writer, d.Logprobs);
                return true;
            case ResponseEvent.FunctionCallArgumentsDone d:
                WritePlace(writer, d.ItemId, d.OutputIndex);
                if (d.Name is not null) writer.WriteString("name"u8, d.Name); // as the public service has it
                writer.WriteString("arguments"u8, d.Arguments);
                return true;
            case ResponseEvent.CustomToolCallInputDone d:
                WritePlace(writer, d.ItemId, d.OutputIndex);
                writer.WriteString("input"u8, d.Input);
                return true;
            case ResponseEvent.ReasoningTextDone d:
                WritePlace(writer, d.ItemId, d.OutputIndex, "content_index"u8, d.ContentIndex);
                writer.WriteString("text"u8, d.Text);
                return true;
            case ResponseEvent.ReasoningSummaryTextDone d:
                WritePlace(writer, d.ItemId, d.OutputIndex, "summary_index"u8, d.SummaryIndex);
                writer.WriteString("text"u8, d.Text);
                return true;
            case ResponseEvent.RefusalDone d:
                WritePlace(writer, d.ItemId, d.OutputIndex, "content_index"u8, d.ContentIndex);
                writer.WriteString("refusal"u8, d.Refusal);
                return true;
            default:
                return false;
        }
    }

    private static bool WriteStep(Utf8JsonWriter writer, ResponseEvent e)
    {
        switch (e)
        {
            case ResponseEvent.OutputItemAdded d:
                WriteItem(writer, d.OutputIndex, d.Item);
                return true;
            case ResponseEvent.OutputItemDone d:
                WriteItem(writer, d.OutputIndex, d.Item.Json);
                return true;
            case ResponseEvent.ContentPartAdded d:
                WritePlace(writer, d.ItemId, d.OutputIndex, "content_index"u8, d.ContentIndex);
                WritePart(writer, new OutputPart(d.Kind, ""));
                return true;
            case ResponseEvent.ContentPartDone d:
                WritePlace(writer, d.ItemId, d.OutputIndex, "content_index"u8, d.ContentIndex);
                WritePart(writer, new OutputPart(d.Kind, d.Text, d.Logprobs, d.Annotations));
                return true;
            case ResponseEvent.ReasoningSummaryPartAdded d:
                WriteSummaryPart(writer, d.ItemId, d.OutputIndex, d.SummaryIndex, "");
                return true;
            case ResponseEvent.ReasoningSummaryPartDone d:
                WriteSummaryPart(writer, d.ItemId, d.OutputIndex, d.SummaryIndex, d.Text);
                return true;
            case ResponseEvent.Carried d:
                WriteCarried(writer, d);
                return true;
            case ResponseEvent.SteerAccepted d:
                SteerBody.WriteSteer(writer, d.Steer, d.Response);
                return true;
            case ResponseEvent.InjectCreated d:
                writer.WriteString("response_id"u8, d.Response.Value);
                return true;
            case ResponseEvent.InjectFailed d:
                SteerBody.WriteInjectFailed(writer, d.Error, d.Response, d.Input);
                return true;
            default:
                return false;
        }
    }

    private static void WriteSnapshot(Utf8JsonWriter writer, ResponseEvent e, ResponseEventOptions options)
    {
        var last = options.Snapshots == SnapshotKind.Translated ? SnapshotKind.Translated : SnapshotKind.Full;
        var (response, kind) = e switch
        {
            ResponseEvent.Created d => (d.Response, options.Snapshots),
            ResponseEvent.Queued d => (d.Response, options.Snapshots),
            ResponseEvent.InProgress d => (d.Response, options.Snapshots),
            ResponseEvent.Completed d => (d.Response, last),
            ResponseEvent.Failed d => (d.Response, last),
            ResponseEvent.Incomplete d => (d.Response, last),
            _ => throw new System.Diagnostics.UnreachableException(e.GetType().Name),
        };
        writer.WritePropertyName("response"u8);
        ResponseWriter.Write(writer, response, kind);
    }

    private static void WritePlace(Utf8JsonWriter writer, string itemId, int outputIndex)
    {
        writer.WriteString("item_id"u8, itemId);
        writer.WriteNumber("output_index"u8, outputIndex);
    }

    private static void WritePlace(Utf8JsonWriter writer, string itemId, int outputIndex, ReadOnlySpan<byte> inner, int innerIndex)
    {
        WritePlace(writer, itemId, outputIndex);
        writer.WriteNumber(inner, innerIndex);
    }

    private static void WriteLogprobs(Utf8JsonWriter writer, RawJson logprobs)
    {
        writer.WritePropertyName("logprobs"u8);
        ItemWriter.WriteArray(writer, logprobs);
    }

    private static void WriteItem(Utf8JsonWriter writer, int outputIndex, RawJson item)
    {
        writer.WriteNumber("output_index"u8, outputIndex);
        writer.WritePropertyName("item"u8);
        item.WriteTo(writer);
    }

    private static void WritePart(Utf8JsonWriter writer, OutputPart part)
    {
        writer.WritePropertyName("part"u8);
        ItemWriter.WritePart(writer, part);
    }

    private static void WriteSummaryPart(Utf8JsonWriter writer, string itemId, int outputIndex, int summaryIndex, string text)
    {
        WritePlace(writer, itemId, outputIndex, "summary_index"u8, summaryIndex);
        writer.WritePropertyName("part"u8);
        ItemWriter.WriteText(writer, "summary_text"u8, text);
    }

    /// <summary>All fields of an upstream's event but those that are rewritten here.</summary>
    private static void WriteCarried(Utf8JsonWriter writer, ResponseEvent.Carried carried)
    {
        var json = new JsonCursor(carried.Json.Utf8, ProtocolLimits.None);
        json.Read();
        if (json.Token != JsonTokenType.StartObject) return;
        while (json.NextField())
        {
            var name = json.Text;
            json.Read();
            var value = json.Raw();
            if (name is "type" or "sequence_number" or "stream_id") continue;
            writer.WritePropertyName(name);
            if (name == "output_index" && carried.OutputIndex is { } index) writer.WriteNumberValue(index);
            else if (name == "item_id" && carried.ItemId is { } id) writer.WriteStringValue(id);
            else value.WriteTo(writer);
        }
    }
}
