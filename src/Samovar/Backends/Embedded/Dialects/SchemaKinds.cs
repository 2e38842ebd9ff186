using System.Globalization;
using Samovar.Protocol.Json;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Kinds of JSON values.</summary>
[Flags]
internal enum ValueKinds { None = 0, Text = 1, Number = 2, Bool = 4, Null = 8, Object = 16, Array = 32, Any = 63 }

/// <summary>Which kinds of values a tool's schema admits for each of its arguments.</summary>
/// <remarks>
/// A client wrote the schema, and its references may come round or double: what one names is read once for each argument, and an argument
/// that takes more visits than <see cref="VisitsMax"/> may be anything.
/// </remarks>
internal sealed class SchemaKinds(RawJson schema)
{
    private const int NestedMax = 16;
    private const int VisitsMax = 1000;

    private readonly Place _root = new(schema);
    private readonly Dictionary<string, ValueKinds> _known = new(StringComparer.Ordinal); // of arguments
    private readonly Dictionary<Place, ValueKinds> _followed = []; // for the argument that is looked at; none where it's on its way
    private IReadOnlyList<string>? _names;
    private int _visits;

    /// <summary>The arguments in the schema's order.</summary>
    public IReadOnlyList<string> Names => _names ??= [.. schema.Field("properties"u8).Fields().Select(one => one.Name)];

    public ValueKinds Of(string key)
    {
        if (_known.TryGetValue(key, out var known)) return known;
        if (_root.Step("properties")?.Step(key) is not { } property) return ValueKinds.Any;
        _followed.Clear();
        _visits = 0;
        var kinds = Read(property.Json, NestedMax);
        return _known[key] = kinds == ValueKinds.None ? ValueKinds.Any : kinds;
    }

    /// <summary>The kind of a value that is written as JSON.</summary>
    public static ValueKinds OfValue(string json) => json[0] switch
    {
        '"' => ValueKinds.Text,
        '{' => ValueKinds.Object,
        '[' => ValueKinds.Array,
        't' or 'f' => ValueKinds.Bool,
        'n' => ValueKinds.Null,
        _ => ValueKinds.Number,
    };

    private ValueKinds Read(RawJson json, int left)
    {
        if (left == 0 || ++_visits > VisitsMax || !json.IsObject) return ValueKinds.Any;
        var type = json.Field("type"u8);
        var named = type.IsArray ? Union(type.Elements().Select(each => Named(each.AsText()))) : Named(type.AsText());
        if (named is not (ValueKinds.Any or ValueKinds.None)) return named;
        var kinds = json.Text("$ref"u8) is { } reference ? Followed(reference, left - 1) : ValueKinds.Any;
        kinds &= OneOf(json.Field("anyOf"u8), left - 1) & OneOf(json.Field("oneOf"u8), left - 1);
        foreach (var each in json.Field("allOf"u8).Elements()) kinds &= Read(each, left - 1);
        if (json.Field("enum"u8) is { IsArray: true } values) kinds &= Union(values.Elements().Select(OfValue));
        if (json.Field("const"u8) is { IsEmpty: false } only) kinds &= OfValue(only);
        return kinds;
    }

    private ValueKinds OneOf(RawJson branches, int left) =>
        branches.IsArray ? Union(branches.Elements().Select(each => Read(each, left))) : ValueKinds.Any;

    private ValueKinds Followed(string reference, int left)
    {
        if (Find(reference) is not { } place) return ValueKinds.Any;
        if (_followed.TryGetValue(place, out var known)) return known;
        _followed[place] = ValueKinds.None;
        return _followed[place] = Read(place.Json, left);
    }

    private Place? Find(string reference)
    {
        if (reference != "#" && !reference.StartsWith("#/", StringComparison.Ordinal)) return null;
        var found = _root;
        for (var from = 2; from <= reference.Length && found is not null;)
        {
            var end = reference.IndexOf('/', from) is >= 0 and var slash ? slash : reference.Length;
            found = found.Step(Unescape(reference[from..end]));
            from = end + 1;
        }
        return found;
    }

    private static string Unescape(string step) => Uri.UnescapeDataString(step)
        .Replace("~1", "/", StringComparison.Ordinal)
        .Replace("~0", "~", StringComparison.Ordinal);

    private static ValueKinds OfValue(RawJson value) => OfValue(value.ToString().TrimStart());

    private static ValueKinds Union(IEnumerable<ValueKinds> kinds) => kinds.Aggregate(ValueKinds.None, (all, each) => all | each);

    private static ValueKinds Named(string? type) => type switch
    {
        "string" or "str" => ValueKinds.Text,
        "integer" or "number" or "int" or "float" => ValueKinds.Number,
        "boolean" or "bool" => ValueKinds.Bool,
        "null" => ValueKinds.Null,
        "object" or "dict" => ValueKinds.Object,
        "array" or "list" => ValueKinds.Array,
        _ => ValueKinds.Any,
    };

    /// <summary>A value of the schema, opened once however many references lead into it.</summary>
    private sealed class Place(RawJson json)
    {
        private Dictionary<string, Place>? _within;

        public RawJson Json => json;

        public Place? Step(string name) => (_within ??= Open()).GetValueOrDefault(name);

        private Dictionary<string, Place> Open()
        {
            var within = new Dictionary<string, Place>(StringComparer.Ordinal);
            foreach (var (name, value) in json.Fields()) within.TryAdd(name, new Place(value));
            foreach (var (at, value) in json.Elements().Index()) within.TryAdd(at.ToString(CultureInfo.InvariantCulture), new Place(value));
            return within;
        }
    }
}
