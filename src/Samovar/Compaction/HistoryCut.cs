using Samovar.Context;
using Samovar.Protocol.Items;

namespace Samovar.Compaction;

/// <summary>Bytes that parts of a compacted conversation may take.</summary>
internal sealed record CompactionBudget(int Recent, int User, int Notes, int SummaryTokens)
{
    private const int BytesOfToken = 3; // few languages and no code have less
    private const int SummaryTokensMin = 64;

    /// <summary>As the options say, and no more than their share of the model's context.</summary>
    public static CompactionBudget Of(CompactionOptions options, int? contextTokens)
    {
        if (contextTokens is not { } context) return new(options.RecentBytesMax, options.UserBytesMax, options.NotesBytesMax,
            options.SummaryTokensMax);
        var bytes = (int)Math.Min(context * options.ContextShare * BytesOfToken, int.MaxValue);
        return new(Math.Min(options.RecentBytesMax, bytes / 4), Math.Min(options.UserBytesMax, bytes / 2),
            Math.Min(options.NotesBytesMax, bytes / 4),
            Math.Min(options.SummaryTokensMax, Math.Max(SummaryTokensMin, bytes / BytesOfToken / 4)));
    }
}

/// <summary>A conversation in three parts: what stays, what becomes notes, what is so new that it stays as a whole.</summary>
/// <remarks>
/// (1) The newest part begins where no call waits for its result, and no thought for what came of it; calls that were never answered and
/// results without a call are left out of it. (2) Of what is older, instructions, tools and others' compactions stay, and messages of
/// the user while there is room: the first and the newest before the others. So do asynchronous calls that wait for their output, or have
/// it in the newest part: they hold nothing together. (3) The rest, what has no room included, becomes notes.
/// </remarks>
internal sealed record HistoryCut(IReadOnlyList<Item> Kept, IReadOnlyList<Item> Older, IReadOnlyList<Item> Recent)
{
    /// <param name="isAnswered">Whether what came since the model's last word is to be answered: it is recent, however large it is.</param>
    public static HistoryCut Of(IReadOnlyList<Item> items, CompactionBudget budget, bool isAnswered)
    {
        var at = RecentStart(items, budget.Recent, isAnswered ? FreshStart(items) : items.Count);
        var (older, recent) = (items.Take(at).ToList(), items.Skip(at).ToList());
        var kept = Keep(older, budget.User);
        var waiting = Waiting(older);
        kept.UnionWith(waiting);
        return new HistoryCut([.. older.Where(kept.Contains)], [.. older.Where(item => !kept.Contains(item))],
            Paired(recent, Ids(waiting.Cast<IToolCall>().Select(static call => call.CallId))));
    }

    private static int FreshStart(IReadOnlyList<Item> items)
    {
        var at = items.Count;
        while (at > 0 && items[at - 1] is not (IToolCall or ReasoningItem or MessageItem { Role: Role.Assistant })
            && Window.NotesOf(items[at - 1]) is null) at--;
        return at;
    }

    private static int RecentStart(IReadOnlyList<Item> items, int bytesMax, int freshAt)
    {
        var safe = SafeStarts(items);
        var start = freshAt;
        while (start > 0 && start < items.Count && !safe[start]) start--;
        var bytes = 0L;
        for (var at = start - 1; at >= 0; at--)
        {
            if (Window.NotesOf(items[at]) is not null) break; // notes of before become part of the new ones
            if (!WindowMerge.IsLead(items[at])) bytes += items[at].Json.Utf8.Length;
            if (bytes > bytesMax) break;
            if (safe[at] && !WindowMerge.IsLead(items[at])) start = at;
        }
        return start;
    }

    /// <summary>Where a conversation can be parted so that nothing behind it belongs to something before it.</summary>
    private static bool[] SafeStarts(IReadOnlyList<Item> items)
    {
        var lastResult = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var at = 0; at < items.Count; at++)
            if (items[at] is IToolOutput { CallId: { } id }) lastResult[id] = at;
        var (safe, openUntil) = (new bool[items.Count], -1);
        for (var at = 0; at < items.Count; at++)
        {
            safe[at] = at > openUntil && items[at] is not IToolOutput && !(at > 0 && items[at - 1] is ReasoningItem);
            if (items[at] is IToolCall { CallId: { } id } && !PendingCall.Is(items[at]) && lastResult.TryGetValue(id, out var result))
                openUntil = Math.Max(openUntil, result);
        }
        return safe;
    }

    private static HashSet<Item> Keep(List<Item> older, int bytesMax)
    {
        var kept = new HashSet<Item>(ReferenceEqualityComparer.Instance);
        var lead = older.TakeWhile(WindowMerge.IsLead).ToHashSet(ReferenceEqualityComparer.Instance);
        var first = older.FirstOrDefault(IsOfUser);
        var bytes = 0L;
        foreach (var item in older.AsEnumerable().Reverse().Prepend(first).OfType<Item>())
        {
            if (!WindowMerge.IsKept(item) || Window.NotesOf(item) is not null) continue;
            if (kept.Contains(item)) continue;
            if (item is MessageItem && !lead.Contains(item))
            {
                if (bytes + item.Json.Utf8.Length > bytesMax) continue;
                bytes += item.Json.Utf8.Length;
            }
            kept.Add(item);
        }
        return kept;
    }

    private static bool IsOfUser(Item item) => item is MessageItem { Role: Role.User } && Window.NotesOf(item) is null;

    /// <summary>Asynchronous calls whose output is not among them.</summary>
    private static List<Item> Waiting(List<Item> older)
    {
        if (!older.Exists(PendingCall.Is)) return [];
        var answered = Ids(older.OfType<IToolOutput>().Select(static output => output.CallId));
        return [.. older.Where(item => PendingCall.Is(item) && ((IToolCall)item).CallId is { } id && !answered.Contains(id))];
    }

    /// <summary>The items without halves of calls.</summary>
    /// <param name="items">The newest ones.</param>
    /// <param name="waiting">Calls that stay though they are older.</param>
    private static IReadOnlyList<Item> Paired(List<Item> items, HashSet<string> waiting)
    {
        var called = Ids(items.OfType<IToolCall>().Select(static call => call.CallId));
        called.UnionWith(waiting);
        var answered = Ids(items.OfType<IToolOutput>().Select(static output => output.CallId));
        return [.. items.Where(item => item switch
        {
            _ when PendingCall.Is(item) => true,
            FunctionCallItem or CustomToolCallItem => ((IToolCall)item).CallId is { } id && answered.Contains(id),
            IToolOutput { CallId: { } id } => called.Contains(id),
            _ => true,
        })];
    }

    private static HashSet<string> Ids(IEnumerable<string?> ids) => new(ids.OfType<string>(), StringComparer.Ordinal);
}
