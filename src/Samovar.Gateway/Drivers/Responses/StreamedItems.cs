using Samovar.Gateway.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>
/// Finds the item that an event belongs to: by its id or call id, then by its place, then by its order. Servers leave out places, give all
/// items the same one, count from 1, or name an item differently in every event.
/// </summary>
internal sealed class StreamedItems
{
    private readonly List<StreamedItem> _items = [];

    public IReadOnlyList<StreamedItem> All => _items;

    public bool AreAllDone => _items.TrueForAll(static item => item.IsDone);

    /// <summary>Whether one is a call that never came to its end.</summary>
    public bool HasBroken => _items.Exists(static item => item.Draft is { IsBroken: true });

    public StreamedItem? Newest => _items.Count > 0 ? _items[^1] : null;

    /// <summary>The first item after those that are done which could go on now.</summary>
    public StreamedItem? NextWaiting() => _items.Find(item => item is { IsDone: false, CanBegin: true, HasHeld: true });

    public StreamedItem Add(ItemClue clue)
    {
        var item = new StreamedItem(clue);
        _items.Add(item);
        return item;
    }

    /// <summary>The item that the event belongs to, or one that is done and would have been it; null for one not known.</summary>
    /// <param name="item">The item that the event has, where it has one.</param>
    public StreamedItem? Find(ItemClue clue, in ObjectFields item) =>
        _items.Count == 0 ? null : clue.Event == ItemClue.Added ? FindAdded(clue) : FindOther(clue) ?? FindSaid(clue, item);

    /// <summary>
    /// Gives each item of the terminal event to the streamed one that it is; returns those that were not streamed.
    /// </summary>
    public List<RawJson> Match(IReadOnlyList<RawJson> final)
    {
        var open = new List<StreamedItem>(_items);
        var unmatched = NotTaken(final, open, IsNamed);
        return unmatched.Count == 0 ? unmatched : NotTaken(unmatched, open, IsSameKind);
    }

    private static List<RawJson> NotTaken(IReadOnlyList<RawJson> final, List<StreamedItem> open, IsSame isSame)
    {
        var others = new List<RawJson>(0);
        foreach (var item in final)
            if (!Take(new ObjectFields(item), open, isSame)) others.Add(item);
        return others;
    }

    private delegate bool IsSame(StreamedItem known, in ObjectFields item);

    private static bool Take(in ObjectFields final, List<StreamedItem> open, IsSame isSame)
    {
        for (var i = 0; i < open.Count; i++)
        {
            if (!isSame(open[i], final)) continue;
            open[i].TakeFinal(final);
            open.RemoveAt(i);
            return true;
        }
        return false;
    }

    /// <summary>One that has another id, and says something else than what was streamed, is another item.</summary>
    private static bool IsSameKind(StreamedItem known, in ObjectFields item) => known.Kind == ItemClue.KindOf(item)
        && (known.Id is null || item.Text("id"u8) is not { Length: > 0 } id || id == known.Id || known.Draft?.Contradicts(item) != true);

    private static bool IsNamed(StreamedItem known, in ObjectFields item) =>
        known.Kind == ItemClue.KindOf(item)
        && (item.Field("id"u8).Is(known.Id) || item.Field("call_id"u8).Is(known.CallId));

    /// <summary>The item that was announced before, or that began before it was; otherwise it is another one.</summary>
    private StreamedItem? FindAdded(ItemClue clue) =>
        _items.FindLast(item => !item.IsDone && item.Kind == clue.Kind && IsAgain(item, clue));

    private static bool IsAgain(StreamedItem item, ItemClue clue)
    {
        if (item.CallId is not null && clue.CallId is not null) return item.CallId == clue.CallId;
        var isSamePlace = item.Index is null || clue.Index is null || item.Index == clue.Index;
        if (item.Id is not null && clue.Id is not null) return item.Id == clue.Id && isSamePlace;
        return item.IsAdded
            ? item.Index is not null && item.Index == clue.Index && item.Draft?.IsEmpty != false
            : isSamePlace;
    }

    private StreamedItem? FindOther(ItemClue clue)
    {
        for (var i = _items.Count - 1; i >= 0; i--)
            if (!_items[i].IsDone && IsNamed(_items[i], clue) && Fits(_items[i], clue)) return _items[i];
        return FindUnnamed(clue);
    }

    /// <summary>The call of another id that has said the beginning of what ends here: servers make ids anew for each event.</summary>
    private StreamedItem? FindSaid(ItemClue clue, in ObjectFields call)
    {
        if (clue.Event != ItemClue.Done || clue.Name is null) return null;
        foreach (var item in _items)
        {
            var isSamePlace = item.Index is null || clue.Index is null || item.Index == clue.Index;
            if (isSamePlace && !item.IsDone && item.Kind == clue.Kind && item.Name == clue.Name
                && item.Draft is { IsEmpty: false } said && !said.Contradicts(call)) return item;
        }
        return null;
    }

    private StreamedItem? FindUnnamed(ItemClue clue)
    {
        var open = _items.FindAll(item => !item.IsDone && Fits(item, clue));
        var ended = ByName(_items.FindAll(item => item.IsDone && Fits(item, clue)), clue);
        if (ended is not null && (clue.Index is null || ended.Index is null || ended.Index == clue.Index)) return ended;
        return ByPlace(open, clue) ?? ByOrder(open, clue) ?? (clue.HasItem ? null : ended ?? EndedAt(clue));
    }

    private static StreamedItem? ByName(List<StreamedItem> items, ItemClue clue) =>
        items.FindLast(item => IsNamed(item, clue));

    private static bool IsNamed(StreamedItem item, in ItemClue clue) =>
        (clue.Id is not null && item.Id == clue.Id) || (clue.CallId is not null && item.CallId == clue.CallId);

    private static StreamedItem? ByPlace(List<StreamedItem> open, ItemClue clue) =>
        clue.Index is null ? null : open.FindLast(item => item.Index == clue.Index && !IsOtherCall(item, clue));

    /// <summary>Ends come in the order of beginnings, everything else belongs to the newest.</summary>
    private static StreamedItem? ByOrder(List<StreamedItem> open, ItemClue clue)
    {
        bool IsPossible(StreamedItem item) => (item.Id is null || clue.Id is null) && !IsOtherCall(item, clue)
            && (clue.Kind is not null || (clue.Index is null && clue.IsNamedAfter(item.Kind)));
        return clue.Event == ItemClue.Done ? open.Find(IsPossible) : open.FindLast(IsPossible);
    }

    /// <summary>What comes behind an item's end and says no more than its place.</summary>
    private StreamedItem? EndedAt(ItemClue clue) => clue is { Id: null, Index: not null }
        ? _items.FindLast(item => item.IsDone && item.Index == clue.Index && Fits(item, clue)) : null;

    private static bool IsOtherCall(StreamedItem item, ItemClue clue) =>
        item.CallId is not null && clue.CallId is not null && item.CallId != clue.CallId;

    /// <summary>Whether the event can be of the item: text is not part of a call, whatever its id says.</summary>
    private static bool Fits(StreamedItem item, ItemClue clue) => clue.HasItem || OpenItem.IsKnownKind(item.Kind)
        ? clue.Kind is null || clue.Kind == item.Kind || (!clue.HasItem && ItemClue.IsCall(clue.Kind) && ItemClue.IsCall(item.Kind))
        : true;
}
