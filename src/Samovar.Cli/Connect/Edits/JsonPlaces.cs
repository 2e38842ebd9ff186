using System.Text;
using System.Text.Json;
using Samovar.Cli.Agents;

namespace Samovar.Cli.Connect.Edits;

/// <summary>Where a property stands in a JSON text, comments and commas too many included.</summary>
/// <param name="Depth">How many names of the path were found.</param>
/// <param name="ObjectStart">Behind the brace of the innermost object that was found.</param>
/// <param name="IsEmpty">Whether that object has no properties.</param>
/// <param name="NameStart">Of the property, where it was found whole.</param>
/// <param name="ValueStart">As above.</param>
/// <param name="ValueEnd">As above.</param>
internal sealed record JsonPlaces(int Depth, int ObjectStart, bool IsEmpty, int NameStart, int ValueStart, int ValueEnd)
{
    private const int DepthMax = 64;

    /// <exception cref="UsageException">It is no JSON object, or the path leads through something else.</exception>
    public static JsonPlaces Find(byte[] text, IReadOnlyList<string> path)
    {
        try
        {
            Check(text);
            var reader = new Utf8JsonReader(text, Lenient);
            reader.Read();
            return Find(ref reader, path, 0);
        }
        catch (JsonException fault)
        {
            throw new UsageException($"line {fault.LineNumber + 1} is no JSON: {fault.Message.Split(" LineNumber")[0]}");
        }
    }

    private static readonly JsonReaderOptions Lenient =
        new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = DepthMax };

    private static void Check(byte[] text)
    {
        var reader = new Utf8JsonReader(text, Lenient);
        var isObject = reader.Read() && reader.TokenType == JsonTokenType.StartObject;
        while (reader.Read()) { }
        if (!isObject) throw new UsageException("it is no JSON object");
    }

    private static JsonPlaces Find(ref Utf8JsonReader reader, IReadOnlyList<string> path, int depth)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new UsageException($"'{string.Join('.', path.Take(depth))}' is no object there");
        var start = (int)reader.TokenStartIndex + 1;
        var isEmpty = true;
        JsonPlaces? found = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            isEmpty = false;
            var name = (int)reader.TokenStartIndex;
            var isOurs = reader.ValueTextEquals(path[depth]);
            reader.Read();
            var value = (int)reader.TokenStartIndex;
            if (isOurs && depth + 1 < path.Count)
            {
                found = Find(ref reader, path, depth + 1);
                continue;
            }
            reader.Skip();
            if (isOurs) found = new JsonPlaces(depth + 1, start, false, name, value, (int)reader.BytesConsumed);
        }
        return found ?? new JsonPlaces(depth, start, isEmpty, 0, 0, 0);
    }

    /// <summary>The value as it stands there; null where there is none.</summary>
    public static string? ValueOf(byte[] text, IReadOnlyList<string> path) =>
        Find(text, path) is { } place && place.Depth == path.Count ? Encoding.UTF8.GetString(text[place.ValueStart..place.ValueEnd]) : null;
}
