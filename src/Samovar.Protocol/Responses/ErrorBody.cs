using System.Globalization;
using System.Text.Json;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Responses;

/// <summary>Writes an error the way each wire wants it.</summary>
public static class ErrorBody
{
    /// <summary>The body of a 4xx or 5xx.</summary>
    public static byte[] Http(ApiException error) => JsonBuffer.Bytes(error, static (writer, error) =>
    {
        writer.WriteStartObject();
        WriteError(writer, error, withHeaders: false);
        writer.WriteEndObject();
    });

    /// <summary>
    /// The only event of a stream whose turn was refused after the answer's head had gone out: flat as OpenAI documents it, and with the
    /// <c>error</c> inside that its service and Open Responses have.
    /// </summary>
    public static byte[] Event(ApiException error) => JsonBuffer.Bytes(error, static (writer, error) =>
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "error"u8);
        writer.WriteNumber("sequence_number"u8, 0);
        writer.WriteString("code"u8, error.Kind.Code);
        writer.WriteString("message"u8, error.Message);
        writer.WriteString("param"u8, error.Param);
        WriteError(writer, error, withHeaders: true);
        writer.WriteEndObject();
    });

    /// <summary>The envelope on a socket. Always with <c>status</c>: clients ignore one without.</summary>
    /// <param name="lane">A named lane's error carries its name.</param>
    public static byte[] WebSocket(ApiException error, LaneId lane) => JsonBuffer.Bytes((error, lane), static (writer, e) =>
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "error"u8);
        writer.WriteNumber("status"u8, e.error.Kind.Status);
        if (!e.lane.IsDefault) writer.WriteString("stream_id"u8, e.lane.Name);
        WriteError(writer, e.error, withHeaders: true);
        WriteHeaders(writer, e.error);
        writer.WriteEndObject();
    });

    /// <summary>What <c>response.error</c> says of it, after <c>response.created</c>.</summary>
    public static ResponseError OfResponse(ApiException error) => new(error.Kind.Code, error.Message);

    /// <summary>Whole seconds for <c>retry-after</c>, at least one.</summary>
    public static string RetryAfterSeconds(TimeSpan wait) =>
        Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString("0", CultureInfo.InvariantCulture);

    internal static void WriteError(Utf8JsonWriter writer, ApiException error, bool withHeaders)
    {
        writer.WriteStartObject("error"u8);
        writer.WriteString("message"u8, error.Message);
        writer.WriteString("type"u8, error.Kind.Type);
        writer.WriteString("param"u8, error.Param);
        writer.WriteString("code"u8, error.Kind.Code);
        if (withHeaders) WriteHeaders(writer, error);
        writer.WriteEndObject();
    }

    private static void WriteHeaders(Utf8JsonWriter writer, ApiException error)
    {
        if (error.RetryAfter is not { } wait) return;
        writer.WriteStartObject("headers"u8);
        writer.WriteString("retry-after"u8, RetryAfterSeconds(wait));
        writer.WriteEndObject();
    }
}
