using System.Text.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Json;

/// <summary>Writes JSON values to UTF-8 of their own.</summary>
internal static class JsonBytes
{
    public static RawJson Write(Action<Utf8JsonWriter> write) => new(JsonBuffer.Bytes(write, static (writer, write) => write(writer)));

    public static RawJson Quote(string text) => new(JsonBuffer.Bytes(text, static (writer, text) => writer.WriteStringValue(text)));

    /// <summary>A field whose value is already JSON.</summary>
    public static void Raw(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, RawJson value)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
    }

    public static void Raw(this Utf8JsonWriter writer, RawJson value) => writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
}
