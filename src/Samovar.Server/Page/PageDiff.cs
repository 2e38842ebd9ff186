namespace Samovar.Server.Page;

/// <summary>What is different in a state from the one before.</summary>
internal static class PageDiff
{
    /// <summary>Null where nothing is.</summary>
    public static PageDelta? Of(PageState before, PageState now)
    {
        var gone = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        var server = now.Server with { Now = before.Server.Now } == before.Server ? null : now.Server; // the time alone is no change
        var totals = now.Totals == before.Totals ? null : now.Totals;
        var sessions = Changed("sessions", before.Sessions, now.Sessions, gone);
        var lanes = Changed("lanes", before.Lanes, now.Lanes, gone);
        var turns = Changed("turns", before.Turns, now.Turns, gone);
        var prefixes = Changed("prefixes", before.Prefixes, now.Prefixes, gone);
        var pools = Changed("pools", before.Pools, now.Pools, gone);
        var models = Changed("models", before.Models, now.Models, gone);
        if ((server, totals, sessions, lanes, turns, prefixes, pools, models) == default && gone.Count == 0) return null;
        return new PageDelta
        {
            Seq = now.Seq, Server = server, Totals = totals, Sessions = sessions, Lanes = lanes, Turns = turns, Prefixes = prefixes,
            Pools = pools, Models = models, Gone = gone.Count == 0 ? null : gone,
        };
    }

    private static Dictionary<string, T>? Changed<T>(string name, IReadOnlyDictionary<string, T> before, IReadOnlyDictionary<string, T> now,
        Dictionary<string, IReadOnlyList<string>> gone)
        where T : class
    {
        Dictionary<string, T>? changed = null;
        foreach (var (id, item) in now)
            if (!before.TryGetValue(id, out var old) || !ReferenceEquals(old, item) && !old.Equals(item))
                (changed ??= new(StringComparer.Ordinal))[id] = item;
        List<string>? left = null;
        foreach (var id in before.Keys)
            if (!now.ContainsKey(id)) (left ??= []).Add(id);
        if (left is not null) gone[name] = left;
        return changed;
    }
}
