using System.Globalization;
using Samovar.Protocol.Errors;

namespace Samovar.Protocol.Translation;

/// <summary>Where an item stood in the client's request.</summary>
/// <param name="Item">Such as <c>messages[3]</c>.</param>
/// <param name="Parts">The array that its parts come from.</param>
/// <param name="First">The place of its first part in that array.</param>
public readonly record struct ItemPlace(string Item, string Parts, int First = 0);

/// <summary>Gives an error's field the name that the client knows it by.</summary>
/// <param name="items">One for each item of the request.</param>
/// <param name="words">How the client's protocol calls what a create request has.</param>
public sealed class PlaceNames(IReadOnlyList<ItemPlace> items, ApiWords words)
{
    private const string AnyIndex = "[]";

    /// <summary>The same error, about the client's own field and in the client's own words.</summary>
    public ApiException Explain(ApiException error)
    {
        var theirs = Theirs(error.Param);
        var renamed = theirs == error.Param ? error : error.At(theirs);
        return words.Explain(renamed);
    }

    /// <summary>The client's name for a field of the create request.</summary>
    public string? Theirs(string? param)
    {
        if (param is null) return null;
        if (IndexAt(param, "input".Length) is var (index, end) && param.StartsWith("input", StringComparison.Ordinal))
            return index < items.Count ? InItem(items[index], param[end..]) : param;
        foreach (var (ours, theirs) in words.Fields)
            if (Renamed(param, ours, theirs) is { } renamed) return renamed;
        return param;
    }

    private static string InItem(ItemPlace place, string rest)
    {
        var open = rest.IndexOf('[', StringComparison.Ordinal);
        var isPart = rest.StartsWith(".content[", StringComparison.Ordinal) || rest.StartsWith(".output[", StringComparison.Ordinal);
        if (!isPart || IndexAt(rest, open) is not var (index, end)) return place.Item;
        return string.Create(CultureInfo.InvariantCulture, $"{place.Parts}[{place.First + index}]{rest[end..]}");
    }

    internal static string? Renamed(string param, string ours, string theirs)
    {
        var any = ours.IndexOf(AnyIndex, StringComparison.Ordinal);
        if (any >= 0)
        {
            if (!param.StartsWith(ours[..any], StringComparison.Ordinal) || IndexAt(param, any) is not var (_, end)) return null;
            var index = param[any..end];
            ours = ours.Replace(AnyIndex, index, StringComparison.Ordinal);
            theirs = theirs.Replace(AnyIndex, index, StringComparison.Ordinal);
        }
        var isWithin = param.Length == ours.Length || (param.Length > ours.Length && param[ours.Length] is ('.' or '[' or '/'));
        return isWithin && param.StartsWith(ours, StringComparison.Ordinal) ? theirs + param[ours.Length..] : null;
    }

    /// <summary>The number in brackets that begins at a place, and where it ends.</summary>
    private static (int Index, int End)? IndexAt(string text, int at)
    {
        if (at < 0 || at >= text.Length || text[at] != '[') return null;
        var close = text.IndexOf(']', at);
        if (close < 0 || !int.TryParse(text.AsSpan(at + 1, close - at - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            return null;
        return (index, close + 1);
    }
}
