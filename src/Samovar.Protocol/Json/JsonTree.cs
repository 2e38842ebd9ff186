using System.Text;
using System.Text.Json;

namespace Samovar.Protocol.Json;

/// <summary>A JSON value taken apart, for the few places that walk one more than once. Of fields with one name the last counts.</summary>
internal abstract record JsonTree
{
    private JsonTree() { }

    public sealed record Null : JsonTree { public static readonly Null Value = new(); }
    public sealed record Bool(bool Value) : JsonTree;

    /// <param name="Written">As the text has it.</param>
    public sealed record Number(string Written) : JsonTree;
    public sealed record Text(string Value) : JsonTree;
    public sealed record List(IReadOnlyList<JsonTree> Items) : JsonTree;
    public sealed record Map(OrderedDictionary<string, JsonTree> Fields) : JsonTree;

    /// <summary>Takes a text apart that was read before; what is not JSON comes out as <see cref="JsonException"/>.</summary>
    public static JsonTree Of(RawJson json)
    {
        var cursor = new JsonCursor(json.Utf8, ProtocolLimits.None);
        cursor.Read();
        return Of(ref cursor);
    }

    /// <summary>Whether two values are the same: numbers by what they amount to, objects in any order of their fields.</summary>
    public static bool AreEqual(JsonTree one, JsonTree other) => (one, other) switch
    {
        (Null, Null) => true,
        (Bool a, Bool b) => a.Value == b.Value,
        (Text a, Text b) => string.Equals(a.Value, b.Value, StringComparison.Ordinal),
        (Number a, Number b) => JsonNumber.AreEqual(a.Written, b.Written),
        (List a, List b) => a.Items.Count == b.Items.Count && a.Items.Zip(b.Items).All(pair => AreEqual(pair.First, pair.Second)),
        (Map a, Map b) => a.Fields.Count == b.Fields.Count
            && a.Fields.All(field => b.Fields.TryGetValue(field.Key, out var there) && AreEqual(field.Value, there)),
        _ => false,
    };

    private static JsonTree Of(ref JsonCursor json) => json.Token switch
    {
        JsonTokenType.String => new Text(json.Text),
        JsonTokenType.Number => new Number(Encoding.ASCII.GetString(json.NumberText)),
        JsonTokenType.True or JsonTokenType.False => new Bool(json.Token == JsonTokenType.True),
        JsonTokenType.StartArray => ListOf(ref json),
        JsonTokenType.StartObject => MapOf(ref json),
        _ => Null.Value,
    };

    private static List ListOf(ref JsonCursor json)
    {
        var items = new List<JsonTree>();
        while (json.NextElement()) items.Add(Of(ref json));
        return new List(items);
    }

    private static Map MapOf(ref JsonCursor json)
    {
        var fields = new OrderedDictionary<string, JsonTree>(StringComparer.Ordinal);
        while (json.NextField())
        {
            var name = json.Text;
            json.Read();
            fields[name] = Of(ref json);
        }
        return new Map(fields);
    }
}
