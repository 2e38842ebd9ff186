using System.Text.Json;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Responses;

/// <summary>Changes what a response's JSON, written here, says of how far it is; the other fields stay as they are.</summary>
public static class ResponseSplice
{
    /// <summary>The same response with another status.</summary>
    /// <param name="response">Written by <see cref="ResponseWriter"/>.</param>
    /// <param name="output">Its items from now on.</param>
    /// <param name="error">Why it failed; null where it did not.</param>
    public static byte[] With(
        ReadOnlyMemory<byte> response, ResponseStatus status, IReadOnlyList<RawJson> output, ResponseError? error = null) =>
        JsonBuffer.Bytes((response, status, output, error), static (writer, it) =>
        {
            writer.WriteStartObject();
            foreach (var (name, value) in new RawJson(it.response).OwnFields())
            {
                writer.WritePropertyName(name);
                switch (name)
                {
                    case "status": writer.WriteStringValue(ResponseWriter.StatusName(it.status)); break;
                    case "output": WriteOutput(writer, it.output); break;
                    case "error" when it.error is not null: WriteError(writer, it.error); break;
                    default: value.WriteTo(writer); break;
                }
            }
            writer.WriteEndObject();
        });

    /// <summary>What its JSON says of how far it is; null where it says nothing that is known.</summary>
    public static ResponseStatus? StatusOf(ReadOnlyMemory<byte> response)
    {
        var said = new RawJson(response).OwnField("status"u8).AsText();
        foreach (var status in Enum.GetValues<ResponseStatus>())
            if (ResponseWriter.StatusName(status) == said) return status;
        return null;
    }

    /// <summary>The terminal event that tells of a response that has ended.</summary>
    public static byte[] EndEvent(ReadOnlyMemory<byte> response, long number) => JsonBuffer.Bytes((response, number), static (writer, it) =>
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, EndName(StatusOf(it.response)));
        writer.WriteNumber("sequence_number"u8, it.number);
        writer.WritePropertyName("response"u8);
        new RawJson(it.response).WriteTo(writer);
        writer.WriteEndObject();
    });

    /// <summary>The name of that event.</summary>
    public static string EndName(ResponseStatus? status) => status switch
    {
        ResponseStatus.Completed => "response.completed",
        ResponseStatus.Incomplete => "response.incomplete",
        _ => "response.failed", // a cancelled one, too
    };

    private static void WriteOutput(Utf8JsonWriter writer, IReadOnlyList<RawJson> output)
    {
        writer.WriteStartArray();
        foreach (var item in output) item.WriteTo(writer);
        writer.WriteEndArray();
    }

    private static void WriteError(Utf8JsonWriter writer, ResponseError error)
    {
        writer.WriteStartObject();
        writer.WriteString("code"u8, error.Code);
        writer.WriteString("message"u8, error.Message);
        writer.WriteEndObject();
    }
}
