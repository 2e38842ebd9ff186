using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Json;

/// <summary>Writes JSON values to UTF-8 of their own.</summary>
internal static class JsonBytes
{
    private static readonly JsonWriterOptions Plain =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static RawJson Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Plain)) write(writer);
        // what is kept shall not hold the writer's reserve
        return new RawJson(buffer.FreeCapacity > buffer.WrittenCount / 4 ? buffer.WrittenSpan.ToArray() : buffer.WrittenMemory);
    }

    public static RawJson Quote(string text) => Write(writer => writer.WriteStringValue(text));

    /// <summary>A field whose value is already JSON.</summary>
    public static void Raw(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, RawJson value)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
    }

    public static void Raw(this Utf8JsonWriter writer, RawJson value) => writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
}
