using System.Text.Json;
using Samovar.Protocol.Json;

namespace Samovar.Chains;

/// <summary>
/// The arguments of a function call as chains are compared by them: by what whoever parses them gets. No arguments at all are an empty
/// object. A text that is not JSON, or nested too deep, is equal only to itself.
/// </summary>
/// <remarks>
/// Clients keep a call as the object that they parsed, and write it again when they send it back: with their own white space (Python),
/// their own order of keys (Go and Rust sort them), <c>1.0</c> as <c>1</c> and <c>\u00e9</c> as <c>é</c>.
/// </remarks>
internal static class CallArguments
{
    public static bool AreEqual(string one, string other) => string.Equals(one, other, StringComparison.Ordinal)
        || (Parsed(one) is { } a && Parsed(other) is { } b && JsonTree.AreEqual(a, b));

    /// <summary>One text for all arguments that are equal.</summary>
    public static string Canonical(string arguments)
    {
        if (Parsed(arguments) is not { } tree) return arguments;
        using var buffer = JsonBuffer.Rent();
        Write(buffer.Writer, tree);
        return System.Text.Encoding.UTF8.GetString(buffer.Written);
    }

    private static JsonTree? Parsed(string arguments) => string.IsNullOrWhiteSpace(arguments) ? JsonTree.Of(RawJson.EmptyObject)
        : JsonInput.TryParse(arguments, out var json) ? JsonTree.Of(json) : null;

    private static void Write(Utf8JsonWriter writer, JsonTree value)
    {
        switch (value)
        {
            case JsonTree.Map map:
                writer.WriteStartObject();
                foreach (var (name, field) in map.Fields.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(name);
                    Write(writer, field);
                }
                writer.WriteEndObject();
                break;
            case JsonTree.List list:
                writer.WriteStartArray();
                foreach (var item in list.Items) Write(writer, item);
                writer.WriteEndArray();
                break;
            case JsonTree.Text text: writer.WriteStringValue(text.Value); break;
            case JsonTree.Number number: writer.WriteRawValue(JsonNumber.Canonical(number.Written), skipInputValidation: true); break;
            case JsonTree.Bool flag: writer.WriteBooleanValue(flag.Value); break;
            default: writer.WriteNullValue(); break;
        }
    }
}
