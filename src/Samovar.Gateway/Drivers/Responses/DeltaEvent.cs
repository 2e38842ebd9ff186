using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>
/// An event of the item that is open, read in one pass: what most events of a stream are. Whatever is unusual about one is left to those
/// who look closer.
/// </summary>
/// <param name="Type">The event's type.</param>
/// <param name="Text">What it adds; null where it adds nothing.</param>
/// <param name="Part">The place of the part that it adds to; null where it does not say.</param>
/// <param name="Logprobs">In the upstream's buffer.</param>
internal readonly record struct DeltaEvent(string Type, string? Text, int? Part, RawJson Logprobs)
{
    /// <summary>False for an event that names another item, or none, or is of a kind that says more than a text.</summary>
    /// <param name="json">The event.</param>
    /// <param name="itemKind">The open item's type.</param>
    /// <param name="itemId">The open item's id at the upstream.</param>
    public static bool TryRead(RawJson json, string itemKind, string itemId, out DeltaEvent e)
    {
        e = default;
        string? type = null, text = null;
        var (part, logprobs, isNamed) = ((int?)null, default(RawJson), false);
        var fields = new FieldScan(json);
        while (fields.Next())
        {
            if (fields.IsNameEscaped) return false;
            if (type is null && fields.Name.SequenceEqual("type"u8))
            {
                if (!fields.IsText || (type = ItemEventTable.PlainType(fields.WrittenText, itemKind)) is null) return false;
            }
            else if (!isNamed && fields.Name.SequenceEqual("item_id"u8))
            {
                if (!fields.Is(itemId)) return false;
                isNamed = true;
            }
            else if (text is null && fields.Name.SequenceEqual("delta"u8))
            {
                if (!fields.IsText) return false;
                text = fields.Piece;
            }
            else if (part is null && fields.Name.SequenceEqual("content_index"u8))
            {
                part = fields.Value.AsNumber();
            }
            else if (logprobs.IsEmpty && fields.Name.SequenceEqual("logprobs"u8))
            {
                logprobs = fields.Value;
            }
        }
        e = new DeltaEvent(type ?? "", text, part, logprobs);
        return type is not null && isNamed;
    }
}
