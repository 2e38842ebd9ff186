using System.Text;
using Samovar.Gateway.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Tools;

/// <summary>
/// A function's parameters as the schema of an object, which is all that strict APIs take there. The same schema always makes the same
/// bytes: tools stand at the very beginning of what is cached.
/// </summary>
internal static class ObjectSchema
{
    public static readonly RawJson Empty = RawJson.Of("""{"type":"object","properties":{}}""");
    private const int DepthMax = 32; // of references and choices inside one another

    /// <summary>The schema, with its type where it has none or another; the same bytes where it is an object's.</summary>
    public static RawJson Typed(RawJson schema)
    {
        if (!schema.IsObject) return Empty;
        if (schema.OwnField("type"u8).Is("object"u8)) return schema;
        return schema.OwnFields().Count == 0 ? Empty : JsonBytes.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "object"u8);
            schema.WriteFields(writer, "type");
            writer.WriteEndObject();
        });
    }

    /// <summary>Whether what an object must have is a choice at the schema's top, which no list of properties can say.</summary>
    public static bool HasChoice(RawJson schema) => schema.OwnFields().Exists(static field => field.Name is "anyOf" or "oneOf");

    /// <summary>
    /// The schema without <c>anyOf</c>, <c>oneOf</c>, <c>allOf</c> and <c>$ref</c> at its top: it has the properties of all of them, and
    /// needs those that are needed whichever is chosen. The same bytes where it has none of these.
    /// </summary>
    public static RawJson Flat(RawJson schema)
    {
        var typed = Typed(schema);
        if (!typed.OwnFields().Exists(static field => IsJoined(field.Name))) return typed;
        var references = new References(typed);
        var joined = references.Read(typed, depth: 0);
        if (references.IsTooMuch) joined = Joined.Of(typed); // what it says itself
        return JsonBytes.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "object"u8);
            writer.WriteStartObject("properties"u8);
            foreach (var (name, forms) in joined.Properties) writer.Raw(Encoding.UTF8.GetBytes(name), AnyOf(forms));
            writer.WriteEndObject();
            if (joined.Required.Count > 0)
            {
                writer.WriteStartArray("required"u8);
                foreach (var name in joined.Required) writer.WriteStringValue(name);
                writer.WriteEndArray();
            }
            typed.WriteFields(writer, "type", "properties", "required", "anyOf", "oneOf", "allOf", "$ref");
            writer.WriteEndObject();
        });
    }

    private static bool IsJoined(string name) => name is "anyOf" or "oneOf" or "allOf" or "$ref";

    private static RawJson AnyOf(List<RawJson> forms) => forms.Count == 1 ? forms[0] : JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("anyOf"u8);
        foreach (var form in forms) writer.Raw(form);
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary>Reads each reference once: those that lead to one another would be read again and again.</summary>
    private sealed class References(RawJson root)
    {
        private const long WorkMax = 1_000_000; // steps, far more than any tool needs: a schema is any client's
        private const int BytesPerStep = 64; // looked through for a name
        private readonly Dictionary<string, Joined> _read = new(StringComparer.Ordinal);
        private long _work;

        /// <summary>Whether joining it would take longer than any tool is worth.</summary>
        public bool IsTooMuch => _work > WorkMax;

        public Joined Read(RawJson schema, int depth)
        {
            var joined = new Joined();
            if (depth > DepthMax || !Takes(1)) return joined;
            foreach (var (name, value) in schema.OwnFields())
            {
                if (!IsJoined(name)) continue;
                List<Joined> parts = name == "$ref" ? [ReadAt(value.AsText() ?? "", depth + 1)]
                    : [.. value.ElementsOrSelf().Select(part => Read(part, depth + 1))];
                foreach (var part in parts) Add(joined, part);
                if (name is "anyOf" or "oneOf") Need(joined, NeededByAll(parts));
                else foreach (var part in parts) Need(joined, part.Required);
            }
            joined.Take(schema);
            return joined;
        }

        private bool Takes(long steps) => (_work += steps) <= WorkMax;

        private void Add(Joined joined, Joined part)
        {
            foreach (var (name, forms) in part.Properties)
            {
                if (!joined.Properties.TryGetValue(name, out var known)) joined.Properties[name] = known = [];
                if (!Takes(forms.Count + known.Count)) return;
                known.AddRange(forms.Except(known));
            }
        }

        private void Need(Joined joined, List<string> names)
        {
            if (Takes(joined.Required.Count + names.Count)) joined.Need(names);
        }

        private Joined ReadAt(string reference, int depth)
        {
            if (_read.TryGetValue(reference, out var known)) return known;
            _read[reference] = new Joined(); // what leads back here adds nothing
            if (!Takes(root.Utf8.Length / BytesPerStep)) return _read[reference];
            return _read[reference] = Read(Target(reference), depth);
        }

        /// <summary>What a reference inside the schema means; empty for any other.</summary>
        private RawJson Target(string reference) => !reference.StartsWith("#/", StringComparison.Ordinal) ? default
            : reference[2..].Split('/').Aggregate(root, static (at, step) => at.OwnField(Encoding.UTF8.GetBytes(
                step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))));

        private List<string> NeededByAll(List<Joined> parts)
        {
            var needed = parts is [var first, ..] ? first.Required : [];
            foreach (var part in parts.Skip(1).Distinct())
            {
                if (!Takes(needed.Count + part.Required.Count)) return [];
                needed = needed.FindAll(part.Required.ToHashSet(StringComparer.Ordinal).Contains);
            }
            return needed;
        }
    }

    /// <summary>What objects of a schema have, in the order in which it says so.</summary>
    private sealed class Joined
    {
        public OrderedDictionary<string, List<RawJson>> Properties { get; } = new(StringComparer.Ordinal);
        public List<string> Required { get; } = [];

        public static Joined Of(RawJson schema)
        {
            var own = new Joined();
            own.Take(schema);
            return own;
        }

        /// <summary>What a schema says itself: all have it.</summary>
        public void Take(RawJson schema)
        {
            foreach (var (name, form) in schema.OwnField("properties"u8).OwnFields()) Properties[name] = [form];
            Need(schema.OwnField("required"u8).Elements().Select(static name => name.AsText()).OfType<string>());
        }

        public void Need(IEnumerable<string> names) => Required.AddRange(names.Except(Required, StringComparer.Ordinal).ToList());
    }
}
