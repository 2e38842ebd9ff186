using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Samovar.Tests.Grammars;

/// <summary>Makes schemas, documents that pass them, and documents that may not.</summary>
internal sealed class SchemaSamples(Random random)
{
    private static readonly string[] Names = ["a", "ab", "abc", "name", "é", "q\"x", "b\\n"];
    private static readonly string[] Characters = ["a", "b", "Z", "0", " ", "\"", "\\", "\n", "é", "😀", "{", ",", "/"];

    public JsonObject Schema(int depth)
    {
        switch (random.Next(depth > 0 ? 10 : 6))
        {
            case 0: return new JsonObject { ["type"] = "boolean" };
            case 1: return new JsonObject { ["type"] = new JsonArray("null", "string") };
            case 2: return new JsonObject { ["enum"] = new JsonArray("x", 1, null, "y\"z") };
            case 3: return Bounded("integer", "minimum", "maximum", random.Next(-2000, 2000), random.Next(0, 300));
            case 4: return Bounded("string", "minLength", "maxLength", random.Next(0, 3), random.Next(0, 4));
            case 5: return new JsonObject { ["type"] = "number" };
            case 6:
                var array = Bounded("array", "minItems", "maxItems", random.Next(0, 3), random.Next(0, 3));
                array["items"] = Schema(depth - 1);
                return array;
            case 7: return new JsonObject { ["anyOf"] = new JsonArray(Schema(depth - 1), Schema(depth - 1)) };
            default: return ObjectSchema(depth);
        }
    }

    /// <summary>The text of a document that passes, with its properties in the order of the schema.</summary>
    public string Document(JsonElement schema)
    {
        if (schema.TryGetProperty("enum", out var values))
            return Samovar.Grammars.Schemas.CanonicalJson.Write(values[random.Next(values.GetArrayLength())]);
        if (schema.TryGetProperty("anyOf", out var branches))
            return Document(branches[random.Next(branches.GetArrayLength())]);
        var type = schema.GetProperty("type");
        return (type.ValueKind == JsonValueKind.Array ? type[random.Next(type.GetArrayLength())] : type).GetString() switch
        {
            "null" => "null",
            "boolean" => random.Next(2) == 0 ? "true" : "false",
            "integer" => Count(schema, "minimum", "maximum").ToString(CultureInfo.InvariantCulture),
            "number" => random.NextDouble().ToString("0.###", CultureInfo.InvariantCulture),
            "string" => Text(schema),
            "array" => Wrap('[', Items(schema), ']'),
            _ => Wrap('{', Members(schema), '}'),
        };
    }

    /// <summary>The text with one character put in, taken out or put in place of another.</summary>
    public string Mutated(string text)
    {
        const string Pieces = "{}[],:\"\\0123456789-.eE+ atrufalsn\n";
        var at = random.Next(text.Length);
        var piece = Pieces[random.Next(Pieces.Length)].ToString();
        if (char.IsSurrogate(text[at]))
            at = 0; // a half of a pair would be no text at all
        return random.Next(3) switch
        {
            0 => text.Remove(at, 1),
            1 => text.Insert(at, piece),
            _ => text.Remove(at, 1).Insert(at, piece),
        };
    }

    private static JsonObject Bounded(string type, string low, string high, int from, int size) =>
        new() { ["type"] = type, [low] = from, [high] = from + size };

    private JsonObject ObjectSchema(int depth)
    {
        var names = Names.Where(_ => random.Next(3) == 0).ToArray();
        var properties = new JsonObject();
        foreach (var name in names)
            properties[name] = Schema(depth - 1);
        var required = new JsonArray([.. names.Where(_ => random.Next(2) == 0).Select(name => (JsonNode)name)]);
        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties, ["required"] = required };
        schema["additionalProperties"] = random.Next(2) == 0 ? false : Schema(0);
        return schema;
    }

    private int Count(JsonElement schema, string low, string high) =>
        random.Next(schema.GetProperty(low).GetInt32(), schema.GetProperty(high).GetInt32() + 1);

    private string Text(JsonElement schema)
    {
        var length = schema.TryGetProperty("minLength", out _) ? Count(schema, "minLength", "maxLength") : random.Next(4);
        return Quote(string.Concat(Enumerable.Range(0, length).Select(_ => Characters[random.Next(Characters.Length)])));
    }

    private IEnumerable<string> Items(JsonElement schema) =>
        Enumerable.Range(0, Count(schema, "minItems", "maxItems")).Select(_ => Document(schema.GetProperty("items")));

    private IEnumerable<string> Members(JsonElement schema)
    {
        var required = schema.GetProperty("required").EnumerateArray().Select(name => name.GetString()).ToHashSet();
        foreach (var property in schema.GetProperty("properties").EnumerateObject())
        {
            if (required.Contains(property.Name) || random.Next(2) == 0)
                yield return Quote(property.Name) + Gap() + ":" + Gap() + Document(property.Value);
        }
        var additional = schema.GetProperty("additionalProperties");
        for (var more = random.Next(3); more > 0 && additional.ValueKind == JsonValueKind.Object; more--)
            yield return Quote("abX" + more) + ":" + Document(additional);
    }

    private string Wrap(char open, IEnumerable<string> parts, char close) => open + Gap() + string.Join(Gap() + "," + Gap(), parts) switch
    {
        "" => "" + close,
        var inside => inside + Gap() + close,
    };

    private string Gap() => random.Next(4) switch
    {
        0 => " ",
        1 => "\n    ",
        _ => "",
    };

    private static string Quote(string text) => Samovar.Grammars.Schemas.CanonicalJson.Quote(text);
}
