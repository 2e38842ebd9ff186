using System.Globalization;
using Samovar.Protocol.Json;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Which types a tool's schema gives its arguments: for forms in which a value is written without one.</summary>
internal sealed class ArgumentTypes(RawJson schema)
{
    public static readonly ArgumentTypes Unknown = new(default);

    private readonly SchemaKinds _kinds = new(schema);

    /// <summary>Whether every value of this argument is a text, whatever it looks like.</summary>
    public bool IsText(string key) => _kinds.Of(key) == ValueKinds.Text;

    /// <summary>The arguments that the schema names.</summary>
    public IReadOnlyList<string> Names => _kinds.Names;

    /// <summary>The argument that stands at this place of the schema, for calls that name none.</summary>
    public string NameAt(int place)
    {
        var names = _kinds.Names;
        return place < names.Count ? names[place] : string.Create(CultureInfo.InvariantCulture, $"arg{place}");
    }

    /// <summary>A value as JSON: of the type that the schema wants where it can be that, else as a text.</summary>
    /// <param name="key">The argument.</param>
    /// <param name="written">What the model wrote.</param>
    /// <param name="reads">Reads what is no JSON but nearly; null where it cannot.</param>
    public string ToJson(string key, string written, Func<string, string?> reads)
    {
        var kinds = _kinds.Of(key);
        var value = written.Trim();
        if (kinds == ValueKinds.Text) return JsonEscapes.Quote(written);
        var json = Literal(value) ?? (JsonInput.TryParse(value, out _) ? value : reads(value));
        if (json is null) return JsonEscapes.Quote(written);
        return (kinds & SchemaKinds.OfValue(json) & ~ValueKinds.Text) != 0 ? json : JsonEscapes.Quote(written);
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
}
