using System.Globalization;
using System.Text.Json;
using Samovar.Grammars.Rules;

namespace Samovar.Grammars.Schemas;

/// <summary>Reads a JSON Schema; what a grammar cannot hold is refused here, what only describes is passed over.</summary>
/// <param name="depthMax">How many levels a schema may have.</param>
/// <param name="work">Counts what reading costs.</param>
/// <param name="isLoose">Whether what a grammar cannot hold is passed over, too.</param>
internal sealed class SchemaReader(int depthMax, GrammarWork work, bool isLoose = false)
{
    private int _depth;

    public Schema Read(JsonElement json, string path)
    {
        if (++_depth > depthMax)
            throw SchemaFaultException.Beyond(path, $"The schema nests more than {depthMax} levels deep.");
        var schema = json.ValueKind switch
        {
            JsonValueKind.True => new Schema { Path = path },
            JsonValueKind.False => new Schema { Path = path, Kinds = JsonKinds.None },
            JsonValueKind.Object => ReadObject(json, path),
            _ => throw SchemaFaultException.Invalid(path, "A schema must be an object or a boolean."),
        };
        _depth--;
        return schema;
    }

    private Schema ReadObject(JsonElement json, string path)
    {
        var schema = new Schema { Path = path };
        JsonKinds? kinds = null;
        var implied = JsonKinds.None;
        var (nullable, isAboveLowest, isBelowHighest) = (false, false, false);
        var (isOpen, mayBeOpen, isPart) = (false, false, false);
        foreach (var keyword in json.EnumerateObject())
        {
            work.Take(1);
            var at = SchemaPath.Into(path, keyword.Name);
            switch (keyword.Name)
            {
                case "type": kinds = ReadKinds(keyword.Value, at); break;
                case "nullable": nullable = keyword.Value.ValueKind == JsonValueKind.True; break;
                case "exclusiveMinimum" when IsFlag(keyword.Value): isAboveLowest = keyword.Value.GetBoolean(); break; // of OpenAPI 3.0
                case "exclusiveMaximum" when IsFlag(keyword.Value): isBelowHighest = keyword.Value.GetBoolean(); break;
                default:
                    schema = ReadValue(schema, keyword, at) ?? ReadNumbers(schema, keyword, at) ?? ReadObjectOrArray(schema, keyword, at)
                        ?? (IsRefused(keyword) && !isLoose ? throw SchemaFaultException.Unsupported(path, keyword.Name) : schema);
                    implied |= Implied(keyword.Name);
                    isOpen |= isLoose && keyword.Name == "patternProperties";
                    mayBeOpen |= isLoose && MayNameProperties(keyword);
                    isPart |= IsRefused(keyword);
                    break;
            }
        }
        var isComposed = IsComposed(schema);
        schema = WithOthers(schema, json, isPart);
        kinds ??= implied == JsonKinds.None || ((isComposed || schema.Values is not null) && implied != JsonKinds.Object)
            ? JsonKinds.All : implied;
        schema = schema with
        {
            Kinds = kinds.Value | (nullable && !isComposed ? JsonKinds.Null : JsonKinds.None),
            Additional = isOpen || (mayBeOpen && IsClosedByHabit(schema)) ? new Schema { Path = path } : schema.Additional,
            Lowest = isAboveLowest && schema.Lowest is { } lowest ? lowest with { IsExclusive = true } : schema.Lowest,
            Highest = isBelowHighest && schema.Highest is { } highest ? highest with { IsExclusive = true } : schema.Highest,
        };
        return !(nullable && isComposed) ? schema // of a reference, OpenAPI 3.0's generators say so that it or null may stand there
            : new Schema { Path = path, AnyOf = [schema, new Schema { Path = path, Kinds = JsonKinds.Null }] };
    }

    private static bool IsComposed(Schema schema) => schema.Reference is not null || schema.AnyOf.Count > 0 || schema.AllOf.Count > 0;

    /// <summary>With what the schema says of items and properties that it does not name.</summary>
    /// <param name="schema">What was read of it.</param>
    /// <param name="json">The schema.</param>
    /// <param name="isPart">Whether it has keywords that are not read here, and which may name some.</param>
    private Schema WithOthers(Schema schema, JsonElement json, bool isPart)
    {
        if (json.TryGetProperty("additionalItems"u8, out var more) && json.TryGetProperty("items"u8, out var items)
            && items.ValueKind == JsonValueKind.Array) // beside items that are no list it says nothing
            schema = schema with { Items = Read(more, SchemaPath.Into(schema.Path, "additionalItems")) };
        return schema with
        {
            Items = schema.Items ?? Unevaluated("unevaluatedItems"),
            Additional = schema.Additional ?? Unevaluated("unevaluatedProperties"),
        };

        Schema? Unevaluated(string keyword) =>
            !json.TryGetProperty(keyword, out var others) || others.ValueKind == JsonValueKind.True ? null
            : !isPart && !IsComposed(schema) ? Read(others, SchemaPath.Into(schema.Path, keyword))
            : isLoose ? null
            : throw SchemaFaultException.Unsupported(schema.Path, keyword);
    }

    private static bool IsFlag(JsonElement json) => json.ValueKind is JsonValueKind.True or JsonValueKind.False;

    private Schema? ReadValue(Schema schema, JsonProperty keyword, string at) => keyword.Name switch
    {
        "enum" => schema with { Values = Both(schema.Values, ReadList(keyword.Value, at)) },
        "const" => schema with { Values = Both(schema.Values, [keyword.Value]) },
        "$ref" or "$dynamicRef" when schema.Reference is null => schema with { Reference = ReadText(keyword.Value, at) },
        "$ref" or "$dynamicRef" when isLoose => schema,
        "$ref" or "$dynamicRef" => throw SchemaFaultException.Unsupported(schema.Path, "$ref beside $dynamicRef"),
        "anyOf" or "oneOf" when schema.AnyOf.Count == 0 => schema with { AnyOf = ReadSchemas(keyword.Value, at) },
        "anyOf" or "oneOf" when isLoose => schema,
        "anyOf" or "oneOf" => throw SchemaFaultException.Unsupported(schema.Path, "anyOf beside oneOf"),
        "allOf" => schema with { AllOf = [.. ReadSchemas(keyword.Value, at).Where(one => !one.IsAny)] },
        "pattern" => schema with { Pattern = ReadText(keyword.Value, at) },
        "format" => schema with { Format = ReadText(keyword.Value, at) },
        _ => null,
    };

    private Schema? ReadNumbers(Schema schema, JsonProperty keyword, string at) => keyword.Name switch
    {
        "minimum" => schema with { Lowest = SchemaMerge.Higher(schema.Lowest, new(SchemaNumbers.Bound(keyword.Value, at), false)) },
        "exclusiveMinimum" => schema with { Lowest = SchemaMerge.Higher(schema.Lowest, new(SchemaNumbers.Bound(keyword.Value, at), true)) },
        "maximum" => schema with { Highest = SchemaMerge.Lower(schema.Highest, new(SchemaNumbers.Bound(keyword.Value, at), false)) },
        "exclusiveMaximum" => schema with
            { Highest = SchemaMerge.Lower(schema.Highest, new(SchemaNumbers.Bound(keyword.Value, at), true)) },
        "multipleOf" when SchemaNumbers.Places(keyword.Value) is { } places => schema with { Places = places },
        "minLength" => schema with { LengthMin = SchemaNumbers.Fewest(keyword.Value, schema.Path, keyword.Name, isLoose) },
        "maxLength" => schema with { LengthMax = SchemaNumbers.Most(keyword.Value, at) },
        "minItems" => schema with { ItemsMin = SchemaNumbers.Fewest(keyword.Value, schema.Path, keyword.Name, isLoose) },
        "maxItems" => schema with { ItemsMax = SchemaNumbers.Most(keyword.Value, at) },
        _ => null,
    };

    private Schema? ReadObjectOrArray(Schema schema, JsonProperty keyword, string at) => keyword.Name switch
    {
        "properties" => schema with { Properties = ReadProperties(keyword.Value, at) },
        "required" => schema with { Required = ReadNames(keyword.Value, at) },
        "additionalProperties" => schema with { Additional = Read(keyword.Value, at) },
        "prefixItems" => schema with { PrefixItems = ReadItems(keyword.Value, at) },
        "items" when keyword.Value.ValueKind == JsonValueKind.Array => schema with { PrefixItems = ReadItems(keyword.Value, at) },
        "items" => schema with { Items = Read(keyword.Value, at) },
        _ => null,
    };

    /// <summary>Keywords that ask for something no rule here expresses; all others are annotations, as the specification has it.</summary>
    private static bool IsRefused(JsonProperty keyword) => keyword.Name switch
    {
        "not" or "if" or "then" or "else" or "dependentSchemas" or "dependentRequired" or "dependencies" or "patternProperties"
            or "contains" or "$recursiveRef" => true,
        "propertyNames" => !IsAnyName(keyword.Value),
        "uniqueItems" => keyword.Value.ValueKind == JsonValueKind.True,
        "minProperties" => !(keyword.Value.ValueKind == JsonValueKind.Number && keyword.Value.GetDouble() == 0),
        "maxProperties" => true,
        "multipleOf" => SchemaNumbers.Places(keyword.Value) is null,
        _ => false,
    };

    /// <summary>Keywords by which other schemas may name properties: they are no others of one that says nothing of others. Where it does,
    /// as <c>additionalProperties</c> does of all but <c>properties</c> and <c>patternProperties</c>, they change nothing.</summary>
    private static bool MayNameProperties(JsonProperty keyword) => keyword.Name is "if" or "then" or "else" or "dependentSchemas"
        or "dependencies" or "$dynamicRef" or "$recursiveRef"
        || (keyword.Name == "unevaluatedProperties" && keyword.Value.ValueKind != JsonValueKind.False);

    /// <summary>Whether grammars here admit no property that it does not name, though it says nothing of others.</summary>
    private static bool IsClosedByHabit(Schema schema) =>
        schema.Additional is null && (schema.Properties.Count > 0 || schema.Required.Count > 0);

    /// <summary>Whether every name of a property fits, as they all are texts.</summary>
    private static bool IsAnyName(JsonElement json) => json.ValueKind == JsonValueKind.True
        || (json.ValueKind == JsonValueKind.Object && json.EnumerateObject().All(keyword =>
            keyword.Name == "type" && keyword.Value.ValueKind == JsonValueKind.String && keyword.Value.ValueEquals("string"u8)));

    private static JsonKinds Implied(string keyword) => keyword switch
    {
        "properties" or "required" or "additionalProperties" => JsonKinds.Object,
        "items" or "prefixItems" or "minItems" or "maxItems" => JsonKinds.Array,
        "pattern" or "format" or "minLength" or "maxLength" => JsonKinds.Text,
        "minimum" or "maximum" or "exclusiveMinimum" or "exclusiveMaximum" => JsonKinds.Number,
        _ => JsonKinds.None,
    };

    private static JsonKinds ReadKinds(JsonElement json, string at)
    {
        if (json.ValueKind != JsonValueKind.Array)
            return ReadKind(json, at);
        return json.EnumerateArray().Aggregate(JsonKinds.None, (kinds, kind) => kinds | ReadKind(kind, at));
    }

    private static JsonKinds ReadKind(JsonElement json, string at) => ReadText(json, at) switch
    {
        "null" => JsonKinds.Null,
        "boolean" => JsonKinds.Boolean,
        "integer" => JsonKinds.Integer,
        "number" => JsonKinds.Number,
        "string" => JsonKinds.Text,
        "array" => JsonKinds.Array,
        "object" => JsonKinds.Object,
        var other => throw SchemaFaultException.Invalid(at, $"'{SchemaPath.Cut(other)}' is not a type."),
    };

    private IReadOnlyList<JsonElement> Both(IReadOnlyList<JsonElement>? known, IReadOnlyList<JsonElement> more) =>
        known is null ? more : SchemaMerge.Shared(known, more, work);

    private JsonElement[] ReadList(JsonElement json, string at) => json.ValueKind == JsonValueKind.Array
        ? Counted([.. json.EnumerateArray()])
        : throw SchemaFaultException.Invalid(at, "This must be an array.");

    private JsonElement[] Counted(JsonElement[] list)
    {
        work.Take(list.Length);
        return list;
    }

    private Schema[] ReadSchemas(JsonElement json, string at) => ReadItems(json, at) is { Length: > 0 } found ? found
        : throw SchemaFaultException.Invalid(at, "This must not be empty.");

    private Schema[] ReadItems(JsonElement json, string at) =>
        [.. ReadList(json, at).Select((one, index) => Read(one, string.Create(CultureInfo.InvariantCulture, $"{at}/{index}")))];

    private OrderedDictionary<string, Schema> ReadProperties(JsonElement json, string at)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw SchemaFaultException.Invalid(at, "This must be an object.");
        var properties = new OrderedDictionary<string, Schema>(StringComparer.Ordinal);
        foreach (var property in json.EnumerateObject())
            properties[property.Name] = Read(property.Value, SchemaPath.Into(at, property.Name));
        return properties;
    }

    private string[] ReadNames(JsonElement json, string at) =>
        [.. ReadList(json, at).Select(name => ReadText(name, at)).Distinct(StringComparer.Ordinal)];

    private static string ReadText(JsonElement json, string at) =>
        json.ValueKind == JsonValueKind.String ? json.GetString()! : throw SchemaFaultException.Invalid(at, "This must be a string.");
}
