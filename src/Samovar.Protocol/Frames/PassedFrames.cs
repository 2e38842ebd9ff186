using System.Text.Json;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Frames;

/// <summary>Frames that a server sends another one in its client's name, where that client has sent none that says the same.</summary>
public static class PassedFrames
{
    /// <summary>What of a frame is its own turn's, and not a setting that the next one has, too.</summary>
    private static readonly HashSet<string> OwnFields = new(StringComparer.Ordinal) { "input", "previous_response_id", "resume_key" };

    /// <summary>A frame with the settings of one that asked for a turn, and with other input. What it continues it does not say.</summary>
    public static byte[] WithInput(ReadOnlyMemory<byte> frame, IReadOnlyList<Item> input) =>
        JsonBuffer.Bytes((frame, input), static (json, from) =>
        {
            json.WriteStartObject();
            foreach (var (name, value) in new RawJson(from.frame).Fields())
            {
                if (OwnFields.Contains(name)) continue;
                json.WritePropertyName(name);
                value.WriteTo(json);
            }
            json.WriteStartArray("input"u8);
            foreach (var item in from.input) item.Json.WriteTo(json);
            json.WriteEndArray();
            json.WriteEndObject();
        });

    /// <summary><c>response.steer</c>.</summary>
    /// <param name="said">Its <c>input</c>, as it came.</param>
    public static byte[] Steer(ResponseId response, RawJson said) => Said("response.steer", "previous_response_id", response, said);

    /// <summary><c>response.inject</c>.</summary>
    /// <inheritdoc cref="Steer" path="/param"/>
    public static byte[] Inject(ResponseId response, RawJson said) => Said("response.inject", "response_id", response, said);

    private static byte[] Said(string type, string field, ResponseId response, RawJson said) =>
        JsonBuffer.Bytes((type, field, response, said), static (json, frame) =>
        {
            json.WriteStartObject();
            json.WriteString("type"u8, frame.type);
            json.WriteString(frame.field, frame.response.Value);
            json.WritePropertyName("input"u8);
            frame.said.WriteTo(json);
            json.WriteEndObject();
        });
}
