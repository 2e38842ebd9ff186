using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;

namespace Samovar.Chains;

/// <summary>Whether two items say the same, even if a client rewrote one of them from what it kept of the other.</summary>
/// <remarks>
/// Clients resend items with and without what only names or decorates them (<c>id</c>, <c>status</c>, <c>annotations</c>,
/// <c>logprobs</c>, an answer's <c>name</c>), with null or nothing, as one string or as parts, and with their fields in another order. A
/// call's arguments are compared by what they say (<see cref="CallArguments"/>), a custom call's input by its text. All else must be
/// equal. Kinds that no client rewrites must be equal byte for byte.
/// </remarks>
internal static class ItemContent
{
    private static readonly string[] NamesOnly = ["id", "status", "type", CallExtra.Field]; // the chain's own goes to its maker
    private static readonly string[] NamesOfAnswer = [.. NamesOnly, "name"]; // some clients give the speaker that answered a name
    private static readonly string[] Decorates = ["type", "annotations", "logprobs"];

    public static bool AreEqual(Item one, Item other)
    {
        if (ReferenceEquals(one, other) || one.Json == other.Json || CarriedBlock.AreEqual(one, other)) return true;
        if (one.Type != other.Type || !IsRewritten(one)) return false;
        return JsonTree.Of(one.Json) is JsonTree.Map a && JsonTree.Of(other.Json) is JsonTree.Map b
            && SameFields(a, b, one is MessageItem { Role: Role.Assistant } ? NamesOfAnswer : NamesOnly, SameField);
    }

    private static bool IsRewritten(Item item) => item is MessageItem or ReasoningItem or FunctionCallItem or FunctionCallOutputItem
        or CustomToolCallItem or CustomToolCallOutputItem;

    private static bool SameFields(
        JsonTree.Map one, JsonTree.Map other, string[] passedOver, Func<string, JsonTree?, JsonTree?, bool> isSame)
    {
        foreach (var (name, value) in one.Fields)
        {
            if (passedOver.Contains(name, StringComparer.Ordinal)) continue;
            if (!isSame(name, value, other.Fields.GetValueOrDefault(name))) return false;
        }
        foreach (var (name, value) in other.Fields)
        {
            if (passedOver.Contains(name, StringComparer.Ordinal) || one.Fields.ContainsKey(name)) continue;
            if (!isSame(name, null, value)) return false;
        }
        return true;
    }

    private static bool SameField(string name, JsonTree? one, JsonTree? other) => name switch
    {
        "phase" => IsNothing(one) || IsNothing(other) || AreEqual(one, other), // what some clients leave out
        "content" or "output" or "summary" => SameParts(one, other),
        "arguments" when one is JsonTree.Text a && other is JsonTree.Text b => CallArguments.AreEqual(a.Value, b.Value),
        _ => SameValue(name, one, other),
    };

    private static bool SameValue(string name, JsonTree? one, JsonTree? other) =>
        IsNothing(one) ? IsNothing(other) : !IsNothing(other) && AreEqual(one, other);

    private static bool SameParts(JsonTree? one, JsonTree? other)
    {
        var (parts, others) = (Parts(one), Parts(other));
        return parts.Count == others.Count && parts.Zip(others).All(pair => SamePart(pair.First, pair.Second));
    }

    private static bool SamePart(JsonTree one, JsonTree other) => (one, other) switch
    {
        (JsonTree.Map a, JsonTree.Map b) => KindOf(a) == KindOf(b) && SameFields(a, b, Decorates, SameValue),
        (JsonTree.Map part, JsonTree.Text text) => IsText(part, text),
        (JsonTree.Text text, JsonTree.Map part) => IsText(part, text),
        _ => JsonTree.AreEqual(one, other),
    };

    private static bool IsText(JsonTree.Map part, JsonTree.Text text) => KindOf(part) == "text" && part.Fields.All(field =>
        field.Key == "text" ? JsonTree.AreEqual(field.Value, text)
            : Decorates.Contains(field.Key, StringComparer.Ordinal) || IsNothing(field.Value));

    /// <summary>A plain string is one part of text.</summary>
    private static IReadOnlyList<JsonTree> Parts(JsonTree? content) => content switch
    {
        JsonTree.List list => list.Items,
        null or JsonTree.Null => [],
        _ => [content],
    };

    /// <summary>Input and output text are one: the role shows who said it.</summary>
    private static string? KindOf(JsonTree.Map part) => part.Fields.GetValueOrDefault("type") is JsonTree.Text { Value: var type }
        ? type is "input_text" or "output_text" or "text" ? "text" : type
        : null;

    private static bool AreEqual(JsonTree? one, JsonTree? other) => one is not null && other is not null && JsonTree.AreEqual(one, other);

    private static bool IsNothing(JsonTree? value) => value is null or JsonTree.Null or JsonTree.List { Items.Count: 0 };
}
