using System.Text;
using System.Text.Json;
using Samovar.Cli.Agents;

namespace Samovar.Cli.Connect.Edits;

/// <summary>Properties of a JSON file, each by its path; all else stays as it is written, comments included.</summary>
/// <param name="Properties">Paths with their values as JSON.</param>
internal sealed record JsonEdit(IReadOnlyList<(string[] Path, string Value)> Properties) : FileEdit
{
    private const string Indent = "  ";

    public override string Apply(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(string.IsNullOrWhiteSpace(text) ? "{\n}\n" : text);
        foreach (var (path, value) in Properties) utf8 = Set(utf8, path, value);
        return Encoding.UTF8.GetString(utf8);
    }

    public override string Revert(string text, string original)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        var before = Encoding.UTF8.GetBytes(string.IsNullOrWhiteSpace(original) ? "{}" : original);
        foreach (var (path, _) in Properties)
        {
            if (JsonPlaces.ValueOf(before, path) is { } was) utf8 = Set(utf8, path, was, isLaidOut: true);
            else
                for (var depth = path.Length; depth > 0; depth--)
                {
                    if (depth < path.Length && (JsonPlaces.ValueOf(before, path[..depth]) is not null
                        || !IsSame(JsonPlaces.ValueOf(utf8, path[..depth]), "{}"))) break;
                    utf8 = Remove(utf8, path[..depth]);
                }
        }
        return Encoding.UTF8.GetString(utf8);
    }

    public override bool IsNothing(string text) => base.IsNothing(text) || IsSame(text, "{}");

    private static bool IsSame(string? text, string value)
    {
        if (text is null) return false;
        var lenient = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
        using var one = JsonDocument.Parse(text, lenient);
        using var other = JsonDocument.Parse(value);
        return JsonElement.DeepEquals(one.RootElement, other.RootElement);
    }

    private static byte[] Set(byte[] text, string[] path, string value, bool isLaidOut = false)
    {
        var place = JsonPlaces.Find(text, path);
        var end = text.AsSpan().IndexOf("\r\n"u8) >= 0 ? "\r\n" : "\n";
        if (place.Depth == path.Length)
        {
            if (!isLaidOut && IsSame(Encoding.UTF8.GetString(text[place.ValueStart..place.ValueEnd]), value)) return text;
            return [.. text[..place.ValueStart], .. Bytes(isLaidOut ? value : Laid(value, path.Length, end)), .. text[place.ValueEnd..]];
        }
        for (var depth = path.Length - 1; depth > place.Depth; depth--) value = $"{{{JsonSerializer.Serialize(path[depth])}:{value}}}";
        var name = JsonSerializer.Serialize(path[place.Depth]);
        var level = place.Depth + 1;
        var added = end + Spaces(level) + name + ": " + Laid(value, level, end) + (place.IsEmpty ? "" : ",");
        if (place.IsEmpty && !BreaksLine(text, place.ObjectStart)) added += end + Spaces(level - 1);
        return [.. text[..place.ObjectStart], .. Bytes(added), .. text[place.ObjectStart..]];
    }

    private static bool BreaksLine(byte[] text, int at)
    {
        while (at < text.Length && text[at] is (byte)' ' or (byte)'\t' or (byte)'\r') at++;
        return at < text.Length && text[at] == '\n';
    }

    private static byte[] Remove(byte[] text, string[] path)
    {
        var place = JsonPlaces.Find(text, path);
        if (place.Depth != path.Length) return text;
        var (first, last) = (place.NameStart, place.ValueEnd);
        var behind = last;
        while (behind < text.Length && char.IsWhiteSpace((char)text[behind])) behind++;
        var hasComma = behind < text.Length && text[behind] == ',';
        if (hasComma) last = behind + 1;
        while (first > 0 && char.IsWhiteSpace((char)text[first - 1])) first--;
        if (!hasComma && first > 0 && text[first - 1] == ',') first--;
        return [.. text[..first], .. text[last..]];
    }

    /// <summary>The value over several lines, as its place asks for.</summary>
    private static string Laid(string value, int level, string end)
    {
        using var json = JsonDocument.Parse(value);
        var built = new StringBuilder();
        Lay(json.RootElement, level, end, built);
        return built.ToString();
    }

    private static void Lay(JsonElement value, int level, string end, StringBuilder built)
    {
        var parts = value.ValueKind switch
        {
            JsonValueKind.Object => value.EnumerateObject()
                .Select(one => (Name: JsonSerializer.Serialize(one.Name) + ": ", one.Value)).ToList(),
            JsonValueKind.Array => value.EnumerateArray().Select(one => (Name: "", Value: one)).ToList(),
            _ => [],
        };
        if (parts.Count == 0)
        {
            built.Append(value.GetRawText());
            return;
        }
        var isObject = value.ValueKind == JsonValueKind.Object;
        built.Append(isObject ? '{' : '[');
        for (var at = 0; at < parts.Count; at++)
        {
            built.Append(at == 0 ? "" : ",").Append(end).Append(Spaces(level + 1)).Append(parts[at].Name);
            Lay(parts[at].Value, level + 1, end, built);
        }
        built.Append(end).Append(Spaces(level)).Append(isObject ? '}' : ']');
    }

    private static string Spaces(int level) => string.Concat(Enumerable.Repeat(Indent, level));
    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
