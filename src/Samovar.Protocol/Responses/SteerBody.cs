using System.Text.Json;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Responses;

/// <summary>Writes what becomes of input that came for a running response, where that is no event of the response itself.</summary>
public static class SteerBody
{
    /// <summary>The input waits for what its client has to give first.</summary>
    /// <param name="number">Behind the numbers of the response's own events.</param>
    /// <param name="required">The calls that the client has to answer.</param>
    public static byte[] Pending(SteerId steer, ResponseId response, LaneId lane, long number, IReadOnlyList<Item> required) =>
        JsonBuffer.Bytes((steer, response, lane, number, required), static (writer, e) =>
        {
            Begin(writer, "response.steer.pending"u8, e.number, e.lane);
            WriteSteer(writer, e.steer, e.response);
            writer.WriteString("reason"u8, "waiting_for_required_input"u8);
            writer.WriteStartArray("required_input"u8);
            foreach (var call in e.required) WriteStub(writer, call);
            writer.WriteEndArray();
            writer.WriteEndObject();
        });

    /// <summary>The input becomes nothing; the event says again what the frame said.</summary>
    /// <param name="steer">Null for one that was refused at once.</param>
    public static byte[] Failed(ApiException error, SteerId? steer, ResponseId? response, LaneId lane, long number, RawJson said) =>
        JsonBuffer.Bytes((error, steer, response, lane, number, said), static (writer, e) =>
        {
            Begin(writer, "response.steer.failed"u8, e.number, e.lane);
            writer.WriteStartObject("steer"u8);
            if (e.steer is { } id) writer.WriteString("id"u8, id.Value);
            writer.WriteString("previous_response_id"u8, e.response?.Value);
            WriteSaid(writer, e.said);
            writer.WriteEndObject();
            ErrorBody.WriteError(writer, e.error, withHeaders: false);
            writer.WriteEndObject();
        });

    /// <summary>As above, for outputs of calls.</summary>
    public static byte[] InjectFailed(ApiException error, ResponseId response, LaneId lane, long number, RawJson said) =>
        JsonBuffer.Bytes((error, response, lane, number, said), static (writer, e) =>
        {
            Begin(writer, "response.inject.failed"u8, e.number, e.lane);
            WriteInjectFailed(writer, e.error, e.response, e.said);
            writer.WriteEndObject();
        });

    internal static void WriteInjectFailed(Utf8JsonWriter writer, ApiException error, ResponseId response, RawJson said)
    {
        writer.WriteString("response_id"u8, response.Value);
        WriteSaid(writer, said);
        ErrorBody.WriteError(writer, error, withHeaders: false);
    }

    internal static void WriteSteer(Utf8JsonWriter writer, SteerId steer, ResponseId response)
    {
        writer.WriteStartObject("steer"u8);
        writer.WriteString("id"u8, steer.Value);
        writer.WriteString("previous_response_id"u8, response.Value);
        writer.WriteEndObject();
    }

    private static void Begin(Utf8JsonWriter writer, ReadOnlySpan<byte> type, long number, LaneId lane)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
        writer.WriteNumber("sequence_number"u8, number);
        if (!lane.IsDefault) writer.WriteString("stream_id"u8, lane.Name);
    }

    private static void WriteSaid(Utf8JsonWriter writer, RawJson said)
    {
        if (said.IsEmpty) return;
        writer.WritePropertyName("input"u8);
        said.WriteTo(writer);
    }

    /// <summary>What identifies the output that a call wants.</summary>
    private static void WriteStub(Utf8JsonWriter writer, Item call)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, call.Type + "_output");
        writer.WriteString("call_id"u8, ((IToolCall)call).CallId);
        if (call is FunctionCallItem function) writer.WriteString("name"u8, function.Name);
        writer.WriteEndObject();
    }
}
