using System.Globalization;
using Samovar.Protocol.Json;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Which types a tool's schema gives its arguments: for forms in which a value is written without one.</summary>
internal sealed class ArgumentTypes(RawJson schema)
{
    public static readonly ArgumentTypes Unknown = new(default);

    private const int NestedMax = 16;

    [Flags]
    private enum Kinds { Any = 0, Text = 1, Number = 2, Bool = 4, Null = 8, Object = 16, Array = 32 }

    /// <summary>Whether every value of this argument is a text, whatever it looks like.</summary>
    public bool IsText(string key) => KindsOf(key) == Kinds.Text;

    /// <summary>The argument that stands at this place of the schema, for calls that name none.</summary>
    public string NameAt(int place)
    {
        var fields = schema.IsObject ? schema.Field("properties"u8) : default;
        var names = fields.IsObject ? fields.Fields() : [];
        return place < names.Count ? names[place].Name : string.Create(CultureInfo.InvariantCulture, $"arg{place}");
    }

    /// <summary>A value as JSON: of the type that the schema wants where it can be that, else as a text.</summary>
    /// <param name="key">The argument.</param>
    /// <param name="written">What the model wrote.</param>
    /// <param name="reads">Reads what is no JSON but nearly; null where it cannot.</param>
    public string ToJson(string key, string written, Func<string, string?> reads)
    {
        var kinds = KindsOf(key);
        var value = written.Trim();
        if (kinds == Kinds.Text) return JsonEscapes.Quote(written);
        var json = Literal(value) ?? (JsonInput.TryParse(value, out _) ? value : reads(value));
        if (json is null) return JsonEscapes.Quote(written);
        var kind = KindOf(json);
        if (kinds == Kinds.Any) return kind == Kinds.Text ? JsonEscapes.Quote(written) : json;
        return (kinds & kind & ~Kinds.Text) != 0 ? json : JsonEscapes.Quote(written);
    }

    /// <summary>A value whose form says that it is no text: as JSON where it is, else as a text after all.</summary>
    public static string OfForm(string written) =>
        Literal(written.Trim()) ?? (JsonInput.TryParse(written, out _) ? written.Trim() : JsonEscapes.Quote(written));

    private static string? Literal(string value) => value switch
    {
        "True" or "TRUE" => "true",
        "False" or "FALSE" => "false",
        "None" => "null",
        _ => null,
    };

    private static Kinds KindOf(string json) => json[0] switch
    {
        '"' => Kinds.Text,
        '{' => Kinds.Object,
        '[' => Kinds.Array,
        't' or 'f' => Kinds.Bool,
        'n' => Kinds.Null,
        _ => Kinds.Number,
    };

    private Kinds KindsOf(string key)
    {
        if (!schema.IsObject || schema.Field("properties"u8) is not { IsObject: true } fields) return Kinds.Any;
        foreach (var (name, value) in fields.Fields())
            if (string.Equals(name, key, StringComparison.Ordinal)) return KindsOf(value, NestedMax);
        return Kinds.Any;
    }

    private Kinds KindsOf(RawJson property, int left)
    {
        if (left == 0 || !property.IsObject) return Kinds.Any;
        var kinds = Kinds.Any;
        var type = property.Field("type"u8);
        if (type.AsText() is { } one) kinds = KindNamed(one);
        else if (type.IsArray) foreach (var each in type.Elements()) kinds |= KindNamed(each.AsText());
        if (kinds != Kinds.Any) return kinds;
        if (property.Text("$ref"u8) is { } reference) return KindsOf(Definition(reference), left - 1);
        foreach (var choice in (string[])["anyOf", "oneOf", "allOf"])
            if (property.Field(System.Text.Encoding.UTF8.GetBytes(choice)) is { IsArray: true } list)
                foreach (var each in list.Elements()) kinds |= KindsOf(each, left - 1);
        if (property.Field("enum"u8) is { IsArray: true } values)
            foreach (var each in values.Elements()) kinds |= KindOf(each.ToString().TrimStart());
        if (property.Field("const"u8) is { IsEmpty: false } only) kinds |= KindOf(only.ToString().TrimStart());
        return kinds;
    }

    private RawJson Definition(string reference)
    {
        var found = schema;
        if (!reference.StartsWith("#/", StringComparison.Ordinal)) return default;
        foreach (var step in reference[2..].Split('/'))
        {
            if (!found.IsObject) return default;
            found = found.Field(System.Text.Encoding.UTF8.GetBytes(step.Replace("~1", "/", StringComparison.Ordinal)));
        }
        return found;
    }

    private static Kinds KindNamed(string? type) => type switch
    {
        "string" or "str" => Kinds.Text,
        "integer" or "number" or "int" or "float" => Kinds.Number,
        "boolean" or "bool" => Kinds.Bool,
        "null" => Kinds.Null,
        "object" or "dict" => Kinds.Object,
        "array" or "list" => Kinds.Array,
        _ => Kinds.Any,
    };
}
