using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Samovar.Engine;

namespace Samovar.Backends.Embedded.Sampling;

/// <summary>One token's log-probabilities as the API writes them.</summary>
internal static class LogprobWriter
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Null when none were asked for.</summary>
    public static string? Write(TokenStep step)
    {
        if (step.LogProb is not { } logprob) return null;
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            WriteToken(json, step.Piece.Span, logprob);
            json.WriteStartArray("top_logprobs"u8);
            foreach (var other in step.Top ?? [])
            {
                json.WriteStartObject();
                WriteToken(json, other.Piece.Span, other.LogProb);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteToken(Utf8JsonWriter json, ReadOnlySpan<byte> piece, float logprob)
    {
        json.WriteString("token"u8, Encoding.UTF8.GetString(piece)); // a part of a character shows as U+FFFD; its bytes are exact
        json.WriteNumber("logprob"u8, float.IsFinite(logprob) ? logprob : -9999f);
        json.WriteStartArray("bytes"u8);
        foreach (var one in piece) json.WriteNumberValue(one);
        json.WriteEndArray();
    }
}
