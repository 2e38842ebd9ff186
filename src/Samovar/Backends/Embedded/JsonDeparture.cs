using System.Globalization;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Backends.Embedded;

/// <summary>Finds the first field, and the first character of it, in which two JSON values differ.</summary>
internal static class JsonDeparture
{
    private const int ExcerptChars = 40;
    private static readonly string[] NamesOnly = ["id", "status"]; // no prompt has them

    public static CacheDeparture Of(string path, RawJson before, RawJson now) => before.IsEmpty || now.IsEmpty
        ? OfTexts(path, before.ToString(), now.ToString())
        : Find(path, JsonTree.Of(before), JsonTree.Of(now)) ?? OfTexts(path, before.ToString(), now.ToString());

    /// <summary>Of two texts that differ.</summary>
    public static CacheDeparture OfTexts(string path, string before, string now)
    {
        var at = before.AsSpan().CommonPrefixLength(now);
        if (at > 0 && char.IsHighSurrogate(now[at - 1])) at--; // both halves or none
        return new CacheDeparture(path, at) { Before = Excerpt(before, at), Now = Excerpt(now, at) };
    }

    /// <summary>A few characters of a text from one on.</summary>
    public static string Excerpt(string text, int at)
    {
        var end = Math.Min(text.Length, at + ExcerptChars);
        if (end > at && end < text.Length && char.IsHighSurrogate(text[end - 1])) end--;
        return text[at..end];
    }

    private static CacheDeparture? Find(string path, JsonTree before, JsonTree now)
    {
        switch (before, now)
        {
            case (JsonTree.Text a, JsonTree.Text b): return a.Value == b.Value ? null : OfTexts(path, a.Value, b.Value);
            case (JsonTree.List a, JsonTree.List b): return FindInLists(path, a, b);
            case (JsonTree.Map a, JsonTree.Map b): return FindInMaps(path, a, b);
            default: return JsonTree.AreEqual(before, now) ? null : OfTexts(path, Written(before), Written(now));
        }
    }

    private static CacheDeparture? FindInLists(string path, JsonTree.List before, JsonTree.List now)
    {
        for (var at = 0; at < Math.Max(before.Items.Count, now.Items.Count); at++)
        {
            var place = string.Create(CultureInfo.InvariantCulture, $"{path}[{at}]");
            if (at >= before.Items.Count) return new CacheDeparture(place, 0) { Before = "", Now = Written(now.Items[at]) };
            if (at >= now.Items.Count) return new CacheDeparture(place, 0) { Before = Written(before.Items[at]), Now = "" };
            if (Find(place, before.Items[at], now.Items[at]) is { } found) return found;
        }
        return null;
    }

    private static CacheDeparture? FindInMaps(string path, JsonTree.Map before, JsonTree.Map now)
    {
        foreach (var (name, value) in before.Fields)
            if (!NamesOnly.Contains(name, StringComparer.Ordinal)
                && Find($"{path}.{name}", value, now.Fields.GetValueOrDefault(name) ?? JsonTree.Null.Value) is { } found) return found;
        foreach (var (name, value) in now.Fields)
            if (!before.Fields.ContainsKey(name) && !NamesOnly.Contains(name, StringComparer.Ordinal)
                && Find($"{path}.{name}", JsonTree.Null.Value, value) is { } found) return found;
        return null;
    }

    private static string Written(JsonTree value) => value switch
    {
        JsonTree.Text text => Excerpt(text.Value, 0),
        JsonTree.Number number => number.Written,
        JsonTree.Bool flag => flag.Value ? "true" : "false",
        JsonTree.Map map => Excerpt(string.Join(", ", map.Fields.Keys), 0),
        JsonTree.List list => string.Create(CultureInfo.InvariantCulture, $"{list.Items.Count} elements"),
        _ => "",
    };
}
