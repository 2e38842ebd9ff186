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
        if (PathNames.IndexAt(param, "input".Length) is var (index, end) && param.StartsWith("input", StringComparison.Ordinal))
            return index < items.Count ? InItem(items[index], param[end..]) : param;
        foreach (var (ours, theirs) in words.Fields)
            if (PathNames.Renamed(param, ours, theirs) is { } renamed) return renamed;
        return param;
    }

    private static string InItem(ItemPlace place, string remaining)
    {
        var open = remaining.IndexOf('[', StringComparison.Ordinal);
        var isPart = remaining.StartsWith(".content[", StringComparison.Ordinal)
            || remaining.StartsWith(".output[", StringComparison.Ordinal);
        if (!isPart || PathNames.IndexAt(remaining, open) is not var (index, end)) return place.Item;
        return string.Create(CultureInfo.InvariantCulture, $"{place.Parts}[{place.First + index}]{remaining[end..]}");
    }
}
