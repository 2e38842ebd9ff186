using Samovar.Protocol.Json;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Where a call stands in a rendered answer, and in which form.</summary>
/// <param name="Start">Where its object, its name or its id begins.</param>
/// <param name="NameAt">Where the name stands first.</param>
/// <param name="NameEnd">Behind the name, where it stands last before the arguments, or behind the id that holds it.</param>
/// <param name="ArgumentsAt">Where the arguments begin, their bracket included.</param>
/// <param name="ArgumentsEnd">Behind the arguments.</param>
/// <param name="End">Behind the call, without what closes it.</param>
internal sealed record CallPlace(
    ArgumentStyle Style, int Start, int NameAt, int NameEnd, int ArgumentsAt, int ArgumentsEnd, int End)
{
    public string? NameKey { get; init; } = "name";
    public string ArgumentsKey { get; init; } = "arguments";
    public CallIdPlace Id { get; init; }

    /// <summary>Null where the call is not there as it was given.</summary>
    /// <param name="text">A rendered answer.</param>
    /// <param name="from">Where to look.</param>
    /// <param name="name">The call's name.</param>
    /// <param name="id">Its id.</param>
    public static CallPlace? Find(string text, int from, string name, string id)
    {
        var nameAt = text.IndexOf(name, from, StringComparison.Ordinal);
        var key = text.IndexOf(CallProbe.FirstKey, from, StringComparison.Ordinal);
        var value = key < 0 ? -1 : text.IndexOf(CallProbe.SecondValue, key, StringComparison.Ordinal);
        if (nameAt < 0 || value < 0) return null;
        var place = InObject(text, from, Math.Min(nameAt, key), value, name)
            ?? (nameAt < key ? Behind(text, nameAt, key, value, name) : null);
        if (place is null) return null;
        var idAt = text.IndexOf(id, from, StringComparison.Ordinal);
        if (idAt < 0 || idAt > place.End) return place;
        var isBefore = place.Style != ArgumentStyle.Object && idAt < place.Start;
        return place with { Id = CallIdPlace.InHead, Start = isBefore ? idAt : place.Start };
    }

    /// <summary>Behind the JSON value that begins here; -1 where there is none.</summary>
    public static int JsonEnd(string text, int from)
    {
        var cursor = new JsonCursor();
        for (var at = from; at < text.Length; at++)
        {
            var progress = cursor.Feed(text[at]);
            if (progress == JsonProgress.Ended) return at + 1;
            if (progress != JsonProgress.Inside) return -1;
        }
        return -1;
    }

    private static CallPlace? InObject(string text, int from, int until, int value, string name)
    {
        for (var at = text.IndexOf('{', from); at >= 0 && at < until; at = text.IndexOf('{', at + 1))
        {
            var end = JsonEnd(text, at);
            if (end <= value || !JsonInput.TryParse(text[at..end], out var json)) continue;
            var isNested = json.Field("function"u8) is { IsObject: true };
            if (Keys(isNested ? json.Field("function"u8) : json, name) is not var (nameKey, argumentsKey)) continue;
            var nameAt = text.IndexOf(name, at, StringComparison.Ordinal);
            var label = nameKey is null ? nameAt : text.IndexOf($"\"{argumentsKey}\"", at, StringComparison.Ordinal);
            var arguments = text.IndexOf('{', label);
            return new CallPlace(
                ArgumentStyle.Object, at, nameAt, nameAt + name.Length, arguments, JsonEnd(text, arguments), end)
            { NameKey = nameKey, ArgumentsKey = argumentsKey };
        }
        return null;
    }

    private static (string? NameKey, string ArgumentsKey)? Keys(RawJson json, string name)
    {
        string? nameKey = null;
        string? argumentsKey = null;
        foreach (var (key, value) in json.Fields())
        {
            var holds = value.ToString().Contains(CallProbe.FirstKey, StringComparison.Ordinal);
            if (key == name && holds) return (null, "");
            if (value.AsText() == name) nameKey ??= key;
            else if (holds) argumentsKey ??= key;
        }
        return nameKey is null || argumentsKey is null ? null : (nameKey, argumentsKey);
    }

    private static CallPlace? Behind(string text, int nameAt, int key, int value, string name)
    {
        const string Functions = "functions.";
        var start = text.AsSpan(0, nameAt).EndsWith(Functions) ? nameAt - Functions.Length : nameAt;
        var end = text.LastIndexOf(name, key, StringComparison.Ordinal) + name.Length;
        var isId = end + 1 < text.Length && text[end] == ':' && char.IsAsciiDigit(text[end + 1]);
        if (isId) end += 2;
        var place = Json(text, start, nameAt, end, key, value) ?? Called(text, start, nameAt, end, key, value)
            ?? new CallPlace(ArgumentStyle.Keyed, start, nameAt, end, end, value + CallProbe.SecondValue.Length,
                value + CallProbe.SecondValue.Length);
        return isId && start < nameAt ? place with { Id = CallIdPlace.NamesFunction } : place with { Start = isId ? start : nameAt };
    }

    private static CallPlace? Json(string text, int start, int nameAt, int nameEnd, int key, int value)
    {
        var brace = text.IndexOf('{', nameEnd);
        if (brace < 0 || brace > key || text[key - 1] != '"') return null;
        var end = JsonEnd(text, brace);
        return end <= value ? null : new CallPlace(ArgumentStyle.Json, start, nameAt, nameEnd, brace, end, end);
    }

    /// <summary>Arguments in brackets right behind the name, their keys without quotes.</summary>
    private static CallPlace? Called(string text, int start, int nameAt, int nameEnd, int key, int value)
    {
        var open = nameEnd;
        while (open < text.Length && char.IsWhiteSpace(text[open])) open++;
        var sign = text.AsSpan(key + CallProbe.FirstKey.Length).TrimStart();
        if (open >= text.Length || sign.IsEmpty) return null;
        ArgumentStyle? style = (text[open], sign[0]) switch
        {
            ('(', '=') => ArgumentStyle.Python,
            ('{', ':') => ArgumentStyle.Bare,
            _ => null,
        };
        if (style is null) return null;
        var end = text.IndexOf(style == ArgumentStyle.Python ? ')' : '}', value) + 1;
        return end == 0 ? null : new CallPlace(style.Value, start, nameAt, nameEnd, open, end, end);
    }
}
