using Samovar.Backends;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Json;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>Reads the events of a Responses upstream, one JSON object each, into the core's events.</summary>
/// <remarks>
/// The core has one open item at a time; events of another item wait until the open one is done. What a sparse upstream leaves out
/// (created, added, deltas, done, places, ids) is filled in from what it does send, at the latest from the terminal event.
/// </remarks>
internal sealed class ResponsesReader(UpstreamCall call, UpstreamOptions options, IdSource ids)
{
    private readonly StreamedItems _items = new();
    private SeenIds _itemIds, _callIds;
    private int _heldCount;
    private long _heldBytes;
    private StreamedItem? _open;
    private bool _isAccepted;
    private BackendEvent.Finished _end = new(Usage: null);

    /// <summary>Where the upstream's answers to what the user said go.</summary>
    public PassedSteers? Steers { get; init; }

    /// <summary>Whether the response comes by itself, and was not asked for.</summary>
    public bool IsAwaited { get; init; }

    /// <summary>The upstream's id of the response.</summary>
    public string? ResponseId { get; private set; }

    /// <summary>Null where the upstream did not say.</summary>
    public Usage? Usage { get; private set; }
    public string? IncompleteReason { get; private set; }
    public bool IsEnded { get; private set; }

    /// <summary>The end as it was said.</summary>
    public BackendEvent.Finished Finished(UpstreamState? state = null) =>
        _end with { Usage = Usage, IncompleteReason = IncompleteReason, State = state };

    /// <summary>What is kept with the response.</summary>
    /// <param name="socket">What holds it for a continuation; null: nothing does.</param>
    /// <param name="steered">What the user said meanwhile that the upstream has.</param>
    public UpstreamState State(IHeldSocket? socket = null, IReadOnlyList<Item>? steered = null) => new()
    {
        Destination = call.Destination.Name,
        Conversation = call.Conversation,
        PromptCacheKey = call.PromptCacheKey,
        IsBound = call.IsBound,
        IsSealed = call.IsSealed,
        ResponseId = ResponseId,
        IsStored = call.IsStored,
        Socket = socket,
        Steered = steered ?? [],
    };

    /// <exception cref="UpstreamException">The upstream reports a failure, or what it says makes no sense.</exception>
    public void Read(RawJson json, List<BackendEvent> events)
    {
        if (TryReadDelta(json, events)) return;
        var e = new ObjectFields(json);
        var type = ItemEventTable.TypeOf(e.Field("type"u8));
        switch (type)
        {
            case "response.created" or "response.queued" or "response.in_progress":
                Accept(new ObjectFields(e.Field("response"u8)), events);
                break;
            case "response.completed" or "response.done" or "response.incomplete" or "response.failed" or "response.cancelled":
                End(type, new ObjectFields(e.Field("response"u8)), e, events);
                break;
            case "error" or "response.error":
            case null when e.Field("error"u8).IsSet():
                throw new UpstreamException(FaultReader.ReadEvent(json, call.Time.GetUtcNow()));
            case null when e.Field("object"u8).Is("response"u8): // not streamed, though it was to be
                End("response.done", e, e, events);
                break;
            case not null when Steers?.Note(type) == true:
                if (IsAwaited && !_isAccepted && type != "response.steer.accepted") throw NotFollowed();
                break;
            case not null: ReadOfItem(type, e, events); break;
        }
    }

    /// <summary>More of the newest item, while it is open and known by its name: most events.</summary>
    private bool TryReadDelta(RawJson json, List<BackendEvent> events)
    {
        if (_open is not { Draft: { } draft, Id: { } id, Index: not null } || !ReferenceEquals(_open, _items.Newest)
            || !OpenItem.IsKnownKind(_open.Kind) || !DeltaEvent.TryRead(json, _open.Kind, id, out var e)) return false;
        var isDelta = ItemEventTable.IsDelta(e.Type);
        if (isDelta && e.Text is { Length: > 0 } text) draft.Add(e.Type, text, e.Part, e.Logprobs, events);
        return isDelta ? e.Text is not null : e.Type == "response.content_part.added" || !draft.TakesWhole;
    }

    private void ReadOfItem(string type, in ObjectFields e, List<BackendEvent> events)
    {
        var whole = new ObjectFields(e.Field("item"u8));
        var clue = ItemClue.Of(type, e, whole);
        if (clue is { HasItem: true, Kind: "" })
        {
            call.Drop(EventDrop.UnknownContent); // nobody could tell what it is, nor send it back
            return;
        }
        var item = _items.Find(clue, whole);
        if (item is { IsDone: true })
        {
            call.Drop(EventDrop.Ended);
            return;
        }
        if (item is null && !MayBegin(clue))
        {
            call.Drop(clue.Index is null ? EventDrop.NoItem : EventDrop.NotBegun);
            return;
        }
        Accept(default, events);
        item ??= _items.Add(clue);
        Read(item, clue, e, whole, events);
        while (_open is null && _items.NextWaiting() is { } next) Resume(next, events);
    }

    /// <summary>A whole text behind an item's end is that item's, though it may not say so.</summary>
    private bool MayBegin(ItemClue clue) => clue.Begins
        && (clue.HasItem || !ItemEventTable.IsWholeText(clue.Event) || !_items.All.Any(item => item.IsDone && item.Kind == clue.Kind));

    private void Read(
        StreamedItem item, in ItemClue clue, in ObjectFields e, in ObjectFields whole, List<BackendEvent> events)
    {
        item.Learn(clue);
        item.IsAdded |= clue.Event == ItemClue.Added;
        item.CanBegin |= CanBegin(clue);
        if (_open is null && item is { CanBegin: true, HasHeld: false }) _open = item;
        if (_open == item) Apply(item, clue.Event, e, whole, events);
        else if (clue.Event != ItemClue.Done || item.CanBegin) Hold(item, e.Json);
        else throw Nameless();
    }

    /// <summary>Few say a call's name in its deltas, so a call that was announced without one waits for who says it.</summary>
    private static bool CanBegin(in ItemClue clue) =>
        ItemClue.IsCall(clue.Kind) ? clue.Name is not null : clue.HasItem || clue.Kind is "message" or "reasoning";

    private static bool IsNameless(in ObjectFields item) =>
        ItemClue.IsCall(ItemClue.KindOf(item)) && !item.Field("name"u8).HasText();

    private void Hold(StreamedItem item, RawJson json)
    {
        _heldBytes += json.Utf8.Length;
        if (++_heldCount > options.HeldEventsMax || _heldBytes > options.EventBytesMax)
            throw new UpstreamException(new UpstreamFault(FaultKind.Malformed, "The upstream runs too many items at once."));
        call.Gather(json.Utf8.Length);
        item.Hold(json.Copied());
    }

    /// <summary>An item's turn has come: it begins with what says most of it.</summary>
    private void Resume(StreamedItem item, List<BackendEvent> events)
    {
        _open = item;
        var held = item.TakeHeld();
        foreach (var whole in held.Select(json => json.Field("item"u8)).Where(whole => !whole.IsEmpty))
        {
            var fields = new ObjectFields(whole);
            if (IsNameless(fields)) continue;
            Begin(item, fields, events);
            break;
        }
        foreach (var json in held)
        {
            (_heldCount, _heldBytes) = (_heldCount - 1, _heldBytes - json.Utf8.Length);
            if (item.IsDone) call.Drop(EventDrop.Ended);
            else
            {
                var e = new ObjectFields(json);
                Apply(item, ItemEventTable.TypeOf(e.Field("type"u8))!, e, new ObjectFields(e.Field("item"u8)), events);
            }
        }
    }

    private void Apply(StreamedItem item, string type, in ObjectFields e, in ObjectFields whole, List<BackendEvent> events)
    {
        switch (type)
        {
            case ItemClue.Added: Begin(item, whole, events); return;
            case ItemClue.Done: Close(item, whole, isCut: false, events); return;
        }
        switch (ItemEventTable.For(type, OpenItem.IsKnownKind(item.Kind)))
        {
            case ItemEventUse.Delta: (item.Draft ?? Begin(item, BegunItem.Placeholder(item.Kind, e), events)).Add(type, e, events); break;
            case ItemEventUse.Implied when ItemEventTable.IsWholeText(type) || type == "response.content_part.done":
                (item.Draft ?? Begin(item, BegunItem.Placeholder(item.Kind, e), events)).AddWhole(e, events);
                break;
            case ItemEventUse.Carry: events.Add(new BackendEvent.CarriedEvent(type, EventCheck.Whole(e.Json))); break;
        }
    }

    private OpenItem Begin(StreamedItem item, in ObjectFields whole, List<BackendEvent> events)
    {
        if (item.Draft is { } draft) return draft;
        var id = whole.Text("id"u8) is { Length: > 0 } own && _itemIds.Add(own) ? own : ItemIds.New(item.Kind, ids);
        var begun = !ItemClue.IsCall(item.Kind) ? new BegunItem(id)
            : new BegunItem(id, IdOfCall(item.CallId ?? whole.Text("call_id"u8)), item.Name ?? whole.Text("name"u8));
        item.Draft = new OpenItem(whole, begun, call);
        item.Draft.Begin(whole, events);
        return item.Draft;
    }

    /// <summary>An id that occurs twice would give two calls one result.</summary>
    private string IdOfCall(string? said) => said is { Length: > 0 } && _callIds.Add(said) ? said : CallId.New(ids).Value;

    private void Close(StreamedItem item, in ObjectFields whole, bool isCut, List<BackendEvent> events)
    {
        Begin(item, whole, events).End(whole, isCut, events);
        item.IsDone = true;
        if (_open == item) _open = null;
    }

    private void Accept(in ObjectFields response, List<BackendEvent> events)
    {
        var named = response.Field("id"u8);
        if (!named.Is(ResponseId) && named.AsText() is { Length: > 0 } id) ResponseId = id;
        if (ResponseUsage.Of(response.Field("usage"u8)) is { OutputTokens: > 0 } counted) call.Usage = counted; // else the prompt's alone
        if (_isAccepted) return;
        _isAccepted = true;
        call.Reach(CallPhase.Created);
        events.Add(new BackendEvent.Accepted(response.Text("model"u8) is { Length: > 0 } model ? model : call.Model));
    }

    private void End(string type, in ObjectFields response, in ObjectFields terminal, List<BackendEvent> events)
    {
        call.Usage = ResponseUsage.Of(response.Field("usage"u8)) ?? ResponseUsage.Of(terminal.Field("usage"u8)) ?? call.Usage;
        Usage = TokenCount.Whole(call.Usage);
        IncompleteReason = ResponseEnd.IncompleteReason(type, response.Json, terminal.Json, call.Time.GetUtcNow());
        if (call.Destination.Dialect.IsSamovar) _end = OwnEnd.Of(_end, response.Json);
        Accept(response, events);
        var final = response.Field("output"u8).Elements();
        final.RemoveAll(static item => ItemClue.KindOf(new ObjectFields(item)).Length == 0);
        var missing = _items.Match(final);
        EndItems(events);
        foreach (var json in missing)
        {
            var whole = new ObjectFields(json);
            var clue = new ItemClue(ItemClue.Done, ItemClue.KindOf(whole), Id: null, CallId: null, Index: null);
            if (IsNameless(whole)) throw Nameless();
            Close(_items.Add(clue), whole, IncompleteReason is not null, events);
        }
        // A call that never came to its end was cut off, whatever the upstream says of it.
        if (_items.HasBroken)
            IncompleteReason ??= FinishReasons.IncompleteReason(AnswerEnd.CutByLimit);
        IsEnded = true;
    }
    /// <summary>What the stream left open ends as the terminal event has it, or as it was streamed.</summary>
    private void EndItems(List<BackendEvent> events)
    {
        if (_items.AreAllDone) return; // most answers
        foreach (var item in _items.All.OrderBy(item => item != _open).ToList())
        {
            if (item is { HasHeld: true, CanBegin: true, IsDone: false } && !(item.Final.IsEmpty && item.SaysNothing)) Resume(item, events);
            if (item.IsDone) continue;
            var isCut = IncompleteReason is not null;
            var final = new ObjectFields(item.Final);
            if (!item.Final.IsEmpty && (item.Draft is not null || !IsNameless(final))) Close(item, final, isCut, events);
            else if (item.Draft is not null) EndAsStreamed(item, isCut, events);
            else if (item.Kind is "function_call" or "custom_tool_call" && !isCut) throw Nameless();
        }
    }

    private void EndAsStreamed(StreamedItem item, bool isCut, List<BackendEvent> events)
    {
        item.Draft!.EndAsStreamed(isCut, events);
        item.IsDone = true;
        if (_open == item) _open = null;
    }

    private static UpstreamException NotFollowed() =>
        new(new UpstreamFault(FaultKind.ParentLost, "The response that was to follow by itself does not."));

    private static UpstreamException Nameless() =>
        new(new UpstreamFault(FaultKind.Malformed, "The upstream sent a call without a name."));
}
