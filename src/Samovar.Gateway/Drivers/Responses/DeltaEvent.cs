using System.Text.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>
/// An event of the item that is open, read in one pass: what most events of a stream are. Whatever is unusual about one is left to those
/// who look closer.
/// </summary>
/// <param name="Type">The event's type.</param>
/// <param name="Text">What it adds; null where it adds nothing.</param>
/// <param name="Logprobs">In the upstream's buffer.</param>
internal readonly record struct DeltaEvent(string Type, string? Text, RawJson Logprobs)
{
    /// <summary>False for an event that names another item, or none, or is of a kind that says more than a text.</summary>
    /// <param name="json">The event.</param>
    /// <param name="itemKind">The open item's type.</param>
    /// <param name="itemId">The open item's id at the upstream.</param>
    public static bool TryRead(RawJson json, string itemKind, string itemId, out DeltaEvent e)
    {
        e = default;
        string? type = null, text = null;
        var (logprobs, isNamed) = (default(RawJson), false);
        var reader = new Utf8JsonReader(json.Utf8.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (type is null && reader.ValueTextEquals("type"u8))
            {
                if (!reader.Read() || (type = ItemEventTable.PlainType(ref reader, itemKind)) is null) return false;
            }
            else if (!isNamed && reader.ValueTextEquals("item_id"u8))
            {
                if (!reader.Read() || reader.TokenType != JsonTokenType.String || !reader.ValueTextEquals(itemId)) return false;
                isNamed = true;
            }
            else if (text is null && reader.ValueTextEquals("delta"u8))
            {
                if (!reader.Read() || reader.TokenType != JsonTokenType.String) return false;
                text = JsonText.Read(ref reader);
            }
            else
            {
                var isLogprobs = logprobs.IsEmpty && reader.ValueTextEquals("logprobs"u8);
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                if (isLogprobs) logprobs = new RawJson(json.Utf8[start..(int)reader.BytesConsumed]);
            }
        }
        e = new DeltaEvent(type ?? "", text, logprobs);
        return type is not null && isNamed;
    }
}
