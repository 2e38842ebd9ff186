using System.Text;
using System.Text.Json;

namespace Samovar.Cli.Connect.Edits;

/// <summary>What a piece of JSON says, comments and commas too many included.</summary>
internal static class JsonText
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Whether both say the same, or both are missing.</summary>
    public static bool IsSame(string? text, string? other)
    {
        if (text is null || other is null) return text is null && other is null;
        using var one = JsonDocument.Parse(text, Lenient);
        using var two = JsonDocument.Parse(other, Lenient);
        return JsonElement.DeepEquals(one.RootElement, two.RootElement);
    }

    /// <summary>Whether both say the same in the same words: a comment is somebody's, too.</summary>
    public static bool IsSameWithComments(string? text, string? other) =>
        IsSame(text, other) && (text is null || Comments(text).SequenceEqual(Comments(other!), StringComparer.Ordinal));

    public static bool IsObject(string? value)
    {
        if (value is null) return false;
        using var json = JsonDocument.Parse(value, Lenient);
        return json.RootElement.ValueKind == JsonValueKind.Object;
    }

    /// <summary>The names of an object's members; none where it is none.</summary>
    public static List<string> Names(string? value)
    {
        if (value is null) return [];
        using var json = JsonDocument.Parse(value, Lenient);
        return json.RootElement.ValueKind != JsonValueKind.Object ? []
            : [.. json.RootElement.EnumerateObject().Select(static one => one.Name).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>A member of an object as it stands there; null where there is none.</summary>
    public static string? Member(string? value, string name) =>
        IsObject(value) ? JsonPlaces.ValueOf(Encoding.UTF8.GetBytes(value!), [name]) : null;

    public static List<string> Comments(string text)
    {
        var found = new List<string>();
        var options = new JsonReaderOptions { CommentHandling = JsonCommentHandling.Allow, AllowTrailingCommas = true };
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), options);
        while (reader.Read())
            if (reader.TokenType == JsonTokenType.Comment) found.Add(reader.GetComment());
        return found;
    }

    /// <summary>Behind spaces and comments.</summary>
    public static int PastComments(byte[] text, int at)
    {
        while (at < text.Length)
        {
            if (char.IsWhiteSpace((char)text[at])) at++;
            else if (CommentEnd(text, at) is { } end) at = end;
            else break;
        }
        return at;
    }

    /// <summary>Whether a comment that goes on to the end of its line stands there.</summary>
    public static bool IsInLineComment(byte[] text, int place)
    {
        for (var at = 0; at < place; at++)
        {
            if (text[at] == '"')
                for (at++; at < place && text[at] != '"'; at++)
                    if (text[at] == '\\') at++;
            if (at >= place || CommentEnd(text, at) is not { } end) continue;
            if (text[at + 1] == '/' && end > place) return true;
            at = end - 1;
        }
        return false;
    }

    private static int? CommentEnd(byte[] text, int at) =>
        text.AsSpan(at).StartsWith("//"u8) ? EndOf(text, at, "\n"u8)
        : text.AsSpan(at).StartsWith("/*"u8) ? EndOf(text, at + 2, "*/"u8) : null;

    private static int EndOf(byte[] text, int at, ReadOnlySpan<byte> mark) =>
        text.AsSpan(at).IndexOf(mark) is >= 0 and var found ? at + found + mark.Length : text.Length;
}
