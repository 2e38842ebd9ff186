using System.Text.Json;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Chains;

/// <summary>Whether two items say the same, though a client has written one of them anew from what it kept of the other.</summary>
/// <remarks>
/// Clients resend items with and without what only names or decorates them (<c>id</c>, <c>status</c>, <c>annotations</c>,
/// <c>logprobs</c>), with null or nothing, as one string or as parts, and with their fields in another order. All else must be equal, the
/// bytes of a call's arguments included. Kinds that no client writes anew must be equal byte for byte.
/// </remarks>
internal static class ItemContent
{
    private static readonly string[] NamesOnly = ["id", "status", "type"];
    private static readonly string[] Decorates = ["type", "annotations", "logprobs"];

    public static bool AreEqual(Item one, Item other)
    {
        if (ReferenceEquals(one, other) || one.Json == other.Json) return true;
        if (one.Type != other.Type || !IsWrittenAnew(one)) return false;
        using var a = JsonDocument.Parse(one.Json.Utf8);
        using var b = JsonDocument.Parse(other.Json.Utf8);
        try
        {
            return SameFields(a.RootElement, b.RootElement, NamesOnly, SameField);
        }
        catch (InvalidOperationException)
        {
            return false; // half a surrogate pair is no text that could be compared
        }
    }

    private static bool IsWrittenAnew(Item item) => item is MessageItem or ReasoningItem or FunctionCallItem or FunctionCallOutputItem
        or CustomToolCallItem or CustomToolCallOutputItem;

    private static bool SameFields(
        JsonElement one, JsonElement other, string[] passedOver, Func<string, JsonElement, JsonElement, bool> isSame)
    {
        foreach (var field in one.EnumerateObject())
        {
            if (passedOver.Contains(field.Name, StringComparer.Ordinal)) continue;
            other.TryGetProperty(field.Name, out var there);
            if (!isSame(field.Name, field.Value, there)) return false;
        }
        foreach (var field in other.EnumerateObject())
        {
            if (passedOver.Contains(field.Name, StringComparer.Ordinal) || one.TryGetProperty(field.Name, out _)) continue;
            if (!isSame(field.Name, default, field.Value)) return false;
        }
        return true;
    }

    private static bool SameField(string name, JsonElement one, JsonElement other) => name switch
    {
        "phase" => IsNothing(one) || IsNothing(other) || JsonElement.DeepEquals(one, other), // a label that some clients leave out
        "content" or "output" or "summary" => SameParts(one, other),
        _ => SameValue(name, one, other),
    };

    private static bool SameValue(string name, JsonElement one, JsonElement other) =>
        IsNothing(one) ? IsNothing(other) : !IsNothing(other) && JsonElement.DeepEquals(one, other);

    private static bool SameParts(JsonElement one, JsonElement other)
    {
        var (count, otherCount) = (Parts(one), Parts(other));
        if (count != otherCount) return false;
        for (var i = 0; i < count; i++)
            if (!SamePart(Part(one, i), Part(other, i))) return false;
        return true;
    }

    private static bool SamePart(JsonElement one, JsonElement other) => (one.ValueKind, other.ValueKind) switch
    {
        (JsonValueKind.Object, JsonValueKind.Object) => KindOf(one) == KindOf(other) && SameFields(one, other, Decorates, SameValue),
        (JsonValueKind.Object, JsonValueKind.String) => IsText(one, other),
        (JsonValueKind.String, JsonValueKind.Object) => IsText(other, one),
        _ => JsonElement.DeepEquals(one, other),
    };

    private static bool IsText(JsonElement part, JsonElement text) => KindOf(part) == "text" && part.EnumerateObject().All(field =>
        field.NameEquals("text"u8) ? JsonElement.DeepEquals(field.Value, text)
            : Decorates.Contains(field.Name, StringComparer.Ordinal) || IsNothing(field.Value));

    /// <summary>A plain string is one part of text.</summary>
    private static int Parts(JsonElement content) => content.ValueKind switch
    {
        JsonValueKind.Array => content.GetArrayLength(),
        JsonValueKind.Undefined or JsonValueKind.Null => 0,
        _ => 1,
    };

    private static JsonElement Part(JsonElement content, int index) => content.ValueKind == JsonValueKind.Array ? content[index] : content;

    /// <summary>Input and output text are one: who said it stands in the role.</summary>
    private static string? KindOf(JsonElement part) =>
        part.TryGetProperty("type"u8, out var type) && type.ValueKind == JsonValueKind.String
            ? type.GetString() is "input_text" or "output_text" or "text" ? "text" : type.GetString()
            : null;

    private static bool IsNothing(JsonElement value) => value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null
        || value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0;
}
