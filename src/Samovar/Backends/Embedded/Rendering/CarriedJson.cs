using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Samovar.Protocol.Json;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>What an item of a kind that is only carried says, as compact JSON without what is bookkeeping.</summary>
internal static class CarriedJson
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly string[] Bookkeeping = ["type", "id", "call_id", "status", "created_by", "caller"];

    /// <summary>The item's own fields: the arguments of a call, or the whole of an output without text.</summary>
    public static string Fields(RawJson item) => Write(json => item.WriteCompactFields(json, Bookkeeping));

    /// <summary>A custom tool's free text as the arguments of a function with one input.</summary>
    public static string Input(string input) => Write(json => json.WriteString("input"u8, input));

    private static string Write(Action<Utf8JsonWriter> fields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            fields(json);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
