using Samovar.Gateway.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>One text inside an item.</summary>
/// <param name="IsContinued">Whether its beginning was sent before.</param>
internal readonly record struct ItemText(string Text, bool IsRefusal = false, RawJson Logprobs = default, bool IsContinued = false);

/// <summary>The texts of a final item, in their order; empty ones are left out.</summary>
internal static class ItemTexts
{
    public static List<ItemText> OfMessage(in ObjectFields item) => Parts(item.Field("content"u8));

    public static List<ItemText> OfReasoning(in ObjectFields item) => Parts(item.Field("content"u8));

    public static List<ItemText> OfSummary(in ObjectFields item) => Parts(item.Field("summary"u8));

    /// <summary>A call's arguments; some servers write the object itself.</summary>
    public static List<ItemText> OfCall(in ObjectFields item)
    {
        var arguments = item.Field("arguments"u8);
        var text = arguments.AsPiece() ?? (arguments.IsSet() ? arguments.ToString() : null);
        return text is { Length: > 0 } ? [new ItemText(text)] : [];
    }

    public static List<ItemText> OfCustomCall(in ObjectFields item) =>
        item.Piece("input"u8) is { Length: > 0 } input ? [new ItemText(input)] : [];

    /// <summary>What they say one behind the other.</summary>
    public static string Joined(List<ItemText> texts) => texts.Count switch
    {
        0 => "",
        1 => texts[0].Text,
        _ => string.Concat(texts.Select(text => text.Text)),
    };

    private static List<ItemText> Parts(RawJson content)
    {
        if (content.AsPiece() is { } only) return only.Length > 0 ? [new ItemText(only)] : [];
        var texts = new List<ItemText>(1); // mostly
        foreach (var element in content.Elements())
        {
            var part = new ObjectFields(element);
            if ((part.Piece("text"u8) ?? element.AsPiece()) is { Length: > 0 } text)
                texts.Add(new ItemText(text, Logprobs: part.Field("logprobs"u8)));
            else if (part.Piece("refusal"u8) is { Length: > 0 } refusal) texts.Add(new ItemText(refusal, IsRefusal: true));
        }
        return texts;
    }
}
