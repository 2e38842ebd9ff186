using System.Text.Json;

namespace Samovar.Grammars.Tests;

/// <summary>Checks documents against the schemas of <see cref="SchemaSamples"/>, the plain way.</summary>
internal static class SchemaValidator
{
    public static bool IsValid(string text, JsonElement schema)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return IsValid(json.RootElement, schema);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static bool IsValid(JsonElement value, JsonElement schema)
    {
        if (schema.ValueKind == JsonValueKind.False)
            return false;
        if (schema.TryGetProperty("enum", out var values))
            return values.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value));
        if (schema.TryGetProperty("anyOf", out var branches))
            return branches.EnumerateArray().Any(branch => IsValid(value, branch));
        var type = schema.GetProperty("type");
        var types = type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(one => one.GetString()) : [type.GetString()];
        return types.Any(name => IsOfType(value, name, schema));
    }

    private static bool IsOfType(JsonElement value, string? type, JsonElement schema) => (type, value.ValueKind) switch
    {
        ("null", JsonValueKind.Null) or ("boolean", JsonValueKind.True or JsonValueKind.False) or ("number", JsonValueKind.Number) => true,
        ("integer", JsonValueKind.Number) => value.TryGetInt64(out var whole) && IsBetween(whole, schema, "minimum", "maximum"),
        ("string", JsonValueKind.String) => IsBetween(value.GetString()!.EnumerateRunes().Count(), schema, "minLength", "maxLength"),
        ("array", JsonValueKind.Array) => IsBetween(value.GetArrayLength(), schema, "minItems", "maxItems")
            && value.EnumerateArray().All(item => IsValid(item, schema.GetProperty("items"))),
        ("object", JsonValueKind.Object) => IsObject(value, schema),
        _ => false,
    };

    private static bool IsObject(JsonElement value, JsonElement schema)
    {
        var properties = schema.GetProperty("properties");
        return schema.GetProperty("required").EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _))
            && value.EnumerateObject().All(one => IsValid(
                one.Value, properties.TryGetProperty(one.Name, out var declared) ? declared : schema.GetProperty("additionalProperties")));
    }

    private static bool IsBetween(long count, JsonElement schema, string low, string high) =>
        (!schema.TryGetProperty(low, out var least) || count >= least.GetInt64())
        && (!schema.TryGetProperty(high, out var most) || count <= most.GetInt64());
}
