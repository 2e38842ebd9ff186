using System.Globalization;
using Microsoft.AspNetCore.Http;
using Samovar.Chains;
using Samovar.Protocol.Fields;

namespace Samovar.Server.Http;

/// <summary>One page of a list whose entries have ids, as a query asks for it.</summary>
internal static class ListPage
{
    private const int LimitDefault = 20;

    public static int LimitOf(IQueryCollection query) => query.TryGetValue("limit", out var said)
        ? int.Parse(said.ToString(), CultureInfo.InvariantCulture) : LimitDefault;

    /// <summary>What the query asks for of a list that is the newest first unless asked otherwise.</summary>
    public static ItemQuery Items(IQueryCollection query, HttpOptions options) => new(
        LimitOf(query), query["order"] != "asc", query.TryGetValue("after", out var after) ? after.ToString() : null,
        query.TryGetValue("before", out var before) ? before.ToString() : null) { BytesMax = options.ListBytesMax };

    /// <summary>The part of the list that the query asks for, and whether more follows; before it, where it asks backwards.</summary>
    /// <param name="entries">All, in the order that is asked for.</param>
    public static (List<T> Page, bool HasMore) Of<T>(IQueryCollection query, List<T> entries, Func<T, string> idOf)
    {
        var limit = LimitOf(query);
        if (query.TryGetValue("after", out var after)) entries = entries[(Place(entries, "after", after.ToString(), idOf) + 1)..];
        var isBackward = query.TryGetValue("before", out var before);
        if (isBackward) entries = entries[..Place(entries, "before", before.ToString(), idOf)];
        List<T> page = [.. isBackward ? entries.TakeLast(limit) : entries.Take(limit)];
        return (page, entries.Count > page.Count);
    }

    private static int Place<T>(List<T> entries, string query, string id, Func<T, string> idOf)
    {
        var at = entries.FindIndex(entry => idOf(entry) == id);
        return at >= 0 ? at : throw QueryReader.Unknown(query, id, "ids of items in this list");
    }
}
