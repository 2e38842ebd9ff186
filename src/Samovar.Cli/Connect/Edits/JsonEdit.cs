using System.Text;
using System.Text.Json;
using Samovar.Cli.Agents;

namespace Samovar.Cli.Connect.Edits;

/// <summary>Properties of a JSON file, each by its path; all else stays as it is written, comments included.</summary>
/// <param name="Properties">Paths with their values as JSON.</param>
/// <remarks>
/// What was written, what was there before and what is there now are compared member by member. A value is ours only while it is what we
/// wrote: one that somebody has changed since is theirs, and an entry of ours to which they have added stays whole, for agents read no
/// halves.
/// </remarks>
internal sealed record JsonEdit(IReadOnlyList<(string[] Path, string Value)> Properties) : FileEdit
{
    private const string Indent = "  ", Nothing = "{}";

    /// <summary>Members that such a file must have, and that say nothing by themselves: a version, a time.</summary>
    public IReadOnlyList<string> Frame { get; init; } = [];

    public override string Apply(string text)
    {
        var utf8 = Bytes(string.IsNullOrWhiteSpace(text) ? "{\n}\n" : text);
        foreach (var (path, value) in Properties) utf8 = Set(utf8, path, value);
        return Encoding.UTF8.GetString(utf8);
    }

    public override string Renew(string text, string? written, string next)
    {
        if (written is null) return Apply(text);
        var utf8 = Bytes(Whole(text));
        foreach (var name in JsonText.Names(Whole(written)).Union(JsonText.Names(next), StringComparer.Ordinal))
            utf8 = Renewed(utf8, [name], JsonText.Member(written, name), JsonText.Member(next, name));
        return Encoding.UTF8.GetString(utf8);
    }

    public override string Revert(string text, string original, string? written = null)
    {
        text = Whole(text);
        original = Whole(original);
        var utf8 = Bytes(text);
        JsonPlaces.Find(utf8, Properties[0].Path[..1]); // says where it is no JSON
        // Where it was not kept what was written, what stands in our places is taken for ours.
        var names = written is null ? Properties.Select(static one => one.Path[0])
            : JsonText.Names(Whole(written)).Concat(JsonText.Names(original));
        foreach (var name in names.Distinct(StringComparer.Ordinal).ToList())
            utf8 = Reverted(utf8, [name], JsonText.Member(written ?? text, name), JsonText.Member(original, name), written is null);
        return Encoding.UTF8.GetString(utf8);
    }

    public override bool IsNothing(string text) => base.IsNothing(text) || IsEmpty(text);

    private static string Whole(string text) => string.IsNullOrWhiteSpace(text) ? Nothing : text;

    private bool IsEmpty(string? value) => JsonText.IsObject(value) && JsonText.Names(value).All(Frame.Contains)
        && JsonText.Comments(value!).Count == 0;

    /// <summary>Ours again, with other values: what others have added within them stays.</summary>
    private static byte[] Renewed(byte[] text, string[] path, string? ours, string? next)
    {
        var now = JsonPlaces.ValueOf(text, path);
        if (next is null) return now is not null && JsonText.IsSame(now, ours) ? Remove(text, path) : text;
        if (!JsonText.IsObject(now) || !JsonText.IsObject(ours) || !JsonText.IsObject(next)) return Set(text, path, next);
        foreach (var name in JsonText.Names(ours).Union(JsonText.Names(next), StringComparer.Ordinal))
            text = Renewed(text, [.. path, name], JsonText.Member(ours, name), JsonText.Member(next, name));
        return text;
    }

    /// <param name="isGuess">Whether it is not known what is ours, but that it stands at <see cref="Properties"/>.</param>
    private byte[] Reverted(byte[] text, string[] path, string? ours, string? was, bool isGuess)
    {
        var isAbove = Properties.Any(one => one.Path.Length > path.Length && StartsWith(one.Path, path));
        if (isGuess && !isAbove && !Properties.Any(one => StartsWith(path, one.Path))) return text;
        if (!isGuess && JsonText.IsSame(ours, was)) return text;
        if (was is null && path is [var only] && Frame.Contains(only, StringComparer.Ordinal)) return text;
        var now = JsonPlaces.ValueOf(text, path);
        if (JsonText.IsSame(now, was)) return text;
        if (now is null) return Set(text, path, was!, isLaidOut: true);
        if (IsOurs(now, ours) && !(isGuess && isAbove)) return was is null ? Remove(text, path) : Set(text, path, was, isLaidOut: true);
        if (!JsonText.IsObject(now) || (was is null ? !isAbove : !JsonText.IsObject(was))) return text; // theirs
        foreach (var name in JsonText.Names(ours).Union(JsonText.Names(was), StringComparer.Ordinal))
            text = Reverted(text, [.. path, name], JsonText.Member(ours, name), JsonText.Member(was, name), isGuess);
        return was is null && IsEmpty(JsonPlaces.ValueOf(text, path)) ? Remove(text, path) : text;
    }

    private bool IsOurs(string now, string? ours) => ours is not null
        && JsonText.IsSameWithComments(WithoutFrame(now), WithoutFrame(ours));

    private string WithoutFrame(string value)
    {
        if (!JsonText.IsObject(value)) return value;
        return Encoding.UTF8.GetString(Frame.Aggregate(Bytes(value), static (text, name) => Remove(text, [name])));
    }

    private static bool StartsWith(string[] path, string[] start) =>
        path.Length >= start.Length && path.AsSpan(0, start.Length).SequenceEqual(start);

    private static byte[] Set(byte[] text, string[] path, string value, bool isLaidOut = false)
    {
        var place = JsonPlaces.Find(text, path);
        var end = text.AsSpan().IndexOf("\r\n"u8) >= 0 ? "\r\n" : "\n";
        if (place.Depth == path.Length)
        {
            if (!isLaidOut && JsonText.IsSame(Encoding.UTF8.GetString(text[place.ValueStart..place.ValueEnd]), value)) return text;
            return [.. text[..place.ValueStart], .. Bytes(isLaidOut ? value : Laid(value, path.Length, end)), .. text[place.ValueEnd..]];
        }
        for (var depth = path.Length - 1; depth > place.Depth; depth--) value = $"{{{JsonSerializer.Serialize(path[depth])}:{value}}}";
        var name = JsonSerializer.Serialize(path[place.Depth]);
        var level = place.Depth + 1;
        var added = end + Spaces(level) + name + ": " + (isLaidOut ? value : Laid(value, level, end)) + (place.IsEmpty ? "" : ",");
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
        var behind = JsonText.PastComments(text, last);
        var hasComma = behind < text.Length && text[behind] == ',';
        byte[] rest = text[last..];
        if (hasComma)
        {
            var comments = text[last..behind];
            rest = [.. comments.All(static one => char.IsWhiteSpace((char)one)) ? [] : comments, .. text[(behind + 1)..]];
        }
        while (first > 0 && char.IsWhiteSpace((char)text[first - 1])) first--;
        if (!hasComma && first > 0 && text[first - 1] == ',' && !JsonText.IsInLineComment(text, first - 1)) first--;
        // A comment before it goes on to the end of its line, and must not take in what stood behind.
        byte[] end = JsonText.IsInLineComment(text, first) && !BreaksLine(rest, 0) ? [(byte)'\n'] : [];
        return [.. text[..first], .. end, .. rest];
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
