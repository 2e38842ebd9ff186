using System.Buffers;
using System.Text.Json;

namespace Samovar.Bench.Clients;

/// <summary>One turn as a client asks for it.</summary>
/// <param name="Input">JSON array of input items.</param>
internal sealed record TurnAsk(string Input)
{
    public string Model { get; init; } = "bench";
    public string? Previous { get; init; }
    public string? Instructions { get; init; }

    /// <summary>The lane of the socket that it is asked in; null is the default lane.</summary>
    public string? Lane { get; init; }

    /// <summary>JSON array of tools.</summary>
    public string? Tools { get; init; }
    public bool Stores { get; init; }

    /// <summary>What belongs together, for a provider's prompt cache; null says nothing.</summary>
    public string? CacheKey { get; init; }

    /// <summary>Output tokens at most; null: as many as the model wants.</summary>
    public int? OutputMax { get; init; }

    /// <summary>Hears of the first output.</summary>
    public Action? Begun { get; init; }

    /// <summary>Null: what the server takes by itself.</summary>
    public double? Temperature { get; init; }

    /// <summary>Whether no settings are sent but those below: the newest response of its lane is continued.</summary>
    public bool IsBare { get; init; }

    /// <summary>Whether the server makes the answer to its end, whoever reads it.</summary>
    public bool IsBackground { get; init; }

    /// <summary>Nothing is asked but what follows in an answer that was being read.</summary>
    public ReadPoint? Resumes { get; init; }

    /// <summary>Sees each event as it comes.</summary>
    public Action<ReadOnlyMemory<byte>>? Seen { get; init; }

    public byte[] Frame() => Resumes is { } point ? System.Text.Encoding.UTF8.GetBytes(
        $$"""{"type":"response.resume","response_id":{{Quote(point.ResponseId)}},"starting_after":{{point.Number}}}""")
        : Write(writer => writer.WriteString("type"u8, "response.create"u8));

    public byte[] Body(bool streams) => Write(writer => writer.WriteBoolean("stream"u8, streams));

    public static string User(string text) => $$"""[{"type":"message","role":"user","content":{{Quote(text)}}}]""";

    public static string Result(string callId, string output) =>
        $$"""[{"type":"function_call_output","call_id":{{Quote(callId)}},"output":{{Quote(output)}}}]""";

    private byte[] Write(Action<Utf8JsonWriter> first)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            if (!IsBare) WriteSettings(writer, first);
            if (OutputMax is { } max) writer.WriteNumber("max_output_tokens"u8, max);
            if (Lane is not null) writer.WriteString("stream_id"u8, Lane);
            writer.WritePropertyName("input"u8);
            writer.WriteRawValue(Input, skipInputValidation: true);
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private void WriteSettings(Utf8JsonWriter writer, Action<Utf8JsonWriter> first)
    {
        first(writer);
        writer.WriteString("model"u8, Model);
        if (Previous is not null) writer.WriteString("previous_response_id"u8, Previous);
        if (Instructions is not null) writer.WriteString("instructions"u8, Instructions);
        if (Tools is not null)
        {
            writer.WritePropertyName("tools"u8);
            writer.WriteRawValue(Tools, skipInputValidation: true);
        }
        writer.WriteBoolean("store"u8, Stores);
        if (CacheKey is not null) writer.WriteString("prompt_cache_key"u8, CacheKey);
        if (IsBackground) writer.WriteBoolean("background"u8, true);
        if (Temperature is { } temperature) writer.WriteNumber("temperature"u8, temperature);
    }

    private static string Quote(string text) => "\"" + JsonEncodedText.Encode(text).ToString() + "\"";
}

/// <summary>How far an answer was read.</summary>
/// <param name="Number">Of the last event that came.</param>
internal sealed record ReadPoint(string ResponseId, int Number);
