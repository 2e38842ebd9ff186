using Samovar.Backends;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Chat;

/// <summary>Finds the call that a piece belongs to, however the upstream numbers and names them.</summary>
/// <remarks>
/// A name under a new id begins a call, whatever the index: some number every call 0. A piece with neither belongs to the call of its index
/// where that one is not whole, else to the newest: some count the pieces. Where nothing is numbered, the pieces of one list belong to as
/// many calls in their order; a piece that could be of one call as well as of another is a fault, for a guess would swap what is told as
/// whole. A call without a name is not reported: it waits for its name, which may itself come in pieces, and is whole where a tool is
/// called so or the arguments begin.
/// </remarks>
internal sealed class ChatCalls(UpstreamCall call, ChatOutput output)
{
    private const int CallsMax = 4096; // each piece looks through them
    private readonly List<CallSlot> _slots = [];
    private int _list; // the number of the one that is read
    private bool _hasLists; // of calls, and not only the field that there was before
    private bool _hasDeltas;

    /// <summary>Whether any call was reported.</summary>
    public bool HaveBegun => _slots.Exists(static slot => slot.Events is not null);

    /// <summary>The calls of a delta or of a message: in their list, as parts of its content, or in the legacy field, which repeats the
    /// list where there is one.</summary>
    /// <param name="isMessage">Whether it has all that came of a call so far, and not only what is new.</param>
    public void Read(ChatMessageParts message, bool isMessage, List<BackendEvent> events)
    {
        var list = message.ToolCalls.ElementsOrSelf();
        if (list.Count == 0) list = ChatContent.Calls(message.Content);
        _hasLists |= list.Count > 0;
        if (!_hasLists && message.FunctionCall.IsSet()) list = [message.FunctionCall];
        if (list.Count == 0) return;
        _list++;
        var pieces = list.Select((json, at) => CallPiece.Of(json, isMessage ? at : null)).ToList();
        if (isMessage && IsInOtherWords(pieces)) return;
        _hasDeltas |= !isMessage;
        var inOrder = InOrder(pieces);
        foreach (var piece in pieces)
        {
            if (piece.IsBare && piece is { Arguments.Length: 0, Extra.IsObject: false } && inOrder is null) continue;
            Read(piece, piece.IsBare && inOrder is not null ? inOrder.Dequeue() : Find(piece), isMessage, events);
        }
    }

    private void Read(CallPiece piece, CallSlot slot, bool isMessage, List<BackendEvent> events)
    {
        if (piece.Name is not null) slot.NamedIn = _list;
        slot.Id ??= piece.Id;
        if (piece.Extra.IsObject) Note(slot, piece.Extra);
        if (slot.Events is null) Name(slot, piece, events);
        var more = isMessage ? slot.RestOf(piece.Arguments) : piece.Arguments;
        if (more.Length == 0) return;
        slot.Take(more);
        if (slot.Events is not null) output.More(slot.Events, more, events);
        else Hold(slot, more);
    }

    /// <summary>No more pieces come: those of calls that never got a name belong to the call before that is not whole.</summary>
    /// <exception cref="UpstreamException">A call has arguments and no name: nobody could run it.</exception>
    public void End(bool isCut, List<BackendEvent> events)
    {
        CallEvents? before = null;
        foreach (var slot in _slots)
        {
            BeginNamed(slot, events);
            if (slot.Events is { } current)
            {
                before = current;
                continue;
            }
            var early = slot.Early.ToString();
            if (before is { IsWhole: false }) output.More(before, early, events);
            else if (!isCut && !string.IsNullOrWhiteSpace(early))
                throw new UpstreamException(new UpstreamFault(FaultKind.Malformed, "It sent a call without a name."));
        }
    }

    /// <summary>Takes what the piece says of a call's name; the call begins where it has all of it, and those before it at the latest
    /// then.</summary>
    private void Name(CallSlot slot, CallPiece piece, List<BackendEvent> events)
    {
        if (piece.Name is { } more)
        {
            call.Gather(sizeof(char) * (long)more.Length);
            slot.Name = call.Tools.Joined(slot.Name, more);
        }
        foreach (var before in _slots.TakeWhile(before => before != slot)) BeginNamed(before, events);
        if (slot.HasArguments || piece.Arguments.Length > 0 || call.Tools.IsWhole(slot.Name)) BeginNamed(slot, events);
    }

    /// <summary>What the upstream says beside a call, so that it gets it back.</summary>
    private void Note(CallSlot slot, RawJson extra)
    {
        call.Gather(extra.Utf8.Length);
        slot.Extra = extra.Mended().Copied();
        if (slot.Events is not null) slot.Events.Extra = slot.Extra;
    }

    private void BeginNamed(CallSlot slot, List<BackendEvent> events)
    {
        if (slot.Events is not null || slot.Name is not { } name) return;
        slot.Events = output.Begin(name, slot.HasOwnId ? slot.Id : null, events);
        slot.Events.Extra = slot.Extra;
        if (slot.Early.Length > 0) output.More(slot.Events, slot.Early.ToString(), events);
    }

    private CallSlot Find(CallPiece piece)
    {
        var (number, id, name) = (piece.Number, piece.Id, piece.Name);
        var ofIndex = number is null ? null : _slots.FindLast(slot => slot.Index == number);
        if (piece.Place is not null && name is not null && Told(piece) is { } told) return told;
        if (id is not null && _slots.FindLast(slot => slot.Id == id) is { } same)
            return name is not null && same.IsWhole && IsAnother(same, piece, ofIndex) ? New(number, hasOwnId: false) : same;
        if (id is not null && name is null) return Unfinished(ofIndex) ?? New(number);
        if (id is not null) return IsGoingOn(ofIndex, piece) ? ofIndex! : New(number);
        if (name is not null)
        {
            var open = number is null ? _slots.LastOrDefault() : ofIndex;
            return open is not null && IsSame(open, piece) ? open : New(number);
        }
        if (piece is { Arguments.Length: 0, Extra.IsObject: true } && ofIndex is not null) return ofIndex;
        return Unfinished(ofIndex) ?? Newest(piece) ?? New(number);
    }

    /// <summary>Whether a message behind deltas has the calls that these brought, perhaps under other ids and spelled otherwise.</summary>
    private bool IsInOtherWords(List<CallPiece> pieces) => _hasDeltas && pieces.Count == _slots.Count
        && pieces.Zip(_slots).All(static pair => pair.Second.IsWhole && pair.First.Name == pair.Second.Name);

    /// <summary>The call of an earlier list that a message tells again.</summary>
    private CallSlot? Told(CallPiece piece) => _slots.Find(slot => slot.NamedIn < _list && slot.IsToldBy(piece));

    /// <summary>Whether a piece with a name and no id is of this call. Two of one list that are alike, and have nothing more to come, are
    /// two calls; in another list the second says the first again.</summary>
    private bool IsSame(CallSlot open, CallPiece piece)
    {
        if ((open.Name ?? piece.Name) != piece.Name)
            return open is { Events: null, HasArguments: false } && !call.Tools.AreTwo(open.Name!, piece.Name!);
        if (open.IsLeftBy(piece.Arguments)) return false; // else what is broken would swallow the call behind it
        if (open.NamedIn == _list) return !open.IsWhole && (open.HasArguments || piece.Arguments.Length > 0);
        return !open.IsWhole || open.IsPiece(piece.Arguments);
    }

    /// <summary>The calls of a list's bare pieces, one for each, where their places tell; null where something else does.</summary>
    private Queue<CallSlot>? InOrder(List<CallPiece> pieces)
    {
        var bare = pieces.Count > 1 ? pieces.Count(static piece => piece.IsBare) : 0;
        if (bare < 2 || _slots.Count == 0) return null;
        var newest = _slots.FindAll(slot => slot.List == _slots[^1].List);
        if (newest.Count == bare) return new(newest);
        var open = _slots.FindAll(static slot => !slot.IsWhole);
        return open.Count == bare ? new(open) : null;
    }

    /// <summary>The newest call that is not whole. Calls that one list began run side by side, so none of them is newer than the other; one
    /// that a later call was taken to follow has no more pieces to come.</summary>
    /// <exception cref="UpstreamException">The piece could as well be of another one.</exception>
    private CallSlot? Newest(CallPiece piece)
    {
        var open = _slots.FindAll(static slot => !slot.IsWhole);
        if (open.Count == 0) return _slots.LastOrDefault();
        var last = open[^1];
        if (string.IsNullOrWhiteSpace(piece.Arguments)) return last;
        if (last.IsPassedOver || (open.Count > 1 && open[^2].List == last.List))
            throw new UpstreamException(new UpstreamFault(FaultKind.Malformed, "It sent arguments, and did not say of which call."));
        foreach (var before in open.SkipLast(1)) before.IsPassedOver = true;
        return last;
    }

    /// <summary>Some make up another id for each piece of a call: what cannot begin arguments goes on with those that have begun.</summary>
    private static bool IsGoingOn(CallSlot? slot, CallPiece piece)
    {
        if (slot is not { IsWhole: false } || (slot.Name ?? piece.Name) != piece.Name) return false;
        if (slot.Id is null) return true;
        return piece.Arguments.Length > 0 && (!slot.HasArguments || !piece.Arguments.AsSpan().TrimStart().StartsWith("{"));
    }

    /// <summary>Some have one id for all their calls; some send a whole call once more at the end.</summary>
    private static bool IsAnother(CallSlot same, CallPiece piece, CallSlot? ofIndex) => same.Name != piece.Name
        || (piece.Index is not null && ofIndex is null)
        || (piece.Arguments.Length > 0 && same.IsOtherPiece(piece.Arguments));

    private static CallSlot? Unfinished(CallSlot? slot) => slot is { IsWhole: false } ? slot : null;

    private CallSlot New(int? index, bool hasOwnId = true)
    {
        if (_slots.Count == CallsMax)
            throw new UpstreamException(new UpstreamFault(FaultKind.TooLarge, $"It made more than {CallsMax} calls in one answer."));
        var slot = new CallSlot(index, _list, hasOwnId);
        _slots.Add(slot);
        return slot;
    }

    private void Hold(CallSlot slot, string arguments)
    {
        call.Gather(sizeof(char) * (long)arguments.Length);
        slot.Early.Append(arguments);
    }
}
