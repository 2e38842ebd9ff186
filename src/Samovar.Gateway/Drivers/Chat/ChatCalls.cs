using System.Text;
using Samovar.Backends;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Json;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Chat;

/// <summary>Finds the call that a piece belongs to, however the upstream numbers and names them.</summary>
/// <remarks>
/// A name under a new id begins a call, whatever the index: some number every call 0. A piece with neither belongs to the call of its index
/// where that one is not whole, else to the newest: some count the pieces. A call without a name is not reported: it waits for its name,
/// which may itself come in pieces, and is whole where a tool is called so or the arguments begin.
/// </remarks>
internal sealed class ChatCalls(UpstreamCall call, ChatOutput output)
{
    private const int CallsMax = 4096; // each piece looks through them
    private readonly List<Slot> _slots = [];

    /// <summary>One element of <c>tool_calls</c>, or a legacy <c>function_call</c>.</summary>
    /// <param name="place">Where it is in a whole message; null in a delta.</param>
    public void Read(RawJson json, int? place, List<BackendEvent> events)
    {
        var piece = Piece.Of(json, place);
        var slot = Find(piece);
        slot.Id ??= piece.Id;
        if (piece.Extra.IsObject) Note(slot, piece.Extra);
        if (slot.Events is null) Name(slot, piece, events);
        if (piece.Arguments.Length == 0) return;
        if (!slot.HasArguments) slot.OnePiece = piece.Arguments;
        else if (!slot.IsWhole) slot.OnePiece = null;
        slot.HasArguments = true;
        if (slot.Events is not null) output.More(slot.Events, piece.Arguments, events);
        else Hold(slot, piece.Arguments);
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
    private void Name(Slot slot, Piece piece, List<BackendEvent> events)
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
    private void Note(Slot slot, RawJson extra)
    {
        call.Gather(extra.Utf8.Length);
        slot.Extra = extra.Mended().Copied();
        if (slot.Events is not null) slot.Events.Extra = slot.Extra;
    }

    private void BeginNamed(Slot slot, List<BackendEvent> events)
    {
        if (slot.Events is not null || slot.Name is not { } name) return;
        slot.Events = output.Begin(name, slot.HasOwnId ? slot.Id : null, events);
        slot.Events.Extra = slot.Extra;
        if (slot.Early.Length > 0) output.More(slot.Events, slot.Early.ToString(), events);
    }

    private Slot Find(Piece piece)
    {
        var (index, id, name) = (piece.Index, piece.Id, piece.Name);
        var ofIndex = index is null ? null : _slots.FindLast(slot => slot.Index == index);
        if (id is not null && _slots.FindLast(slot => slot.Id == id) is { } same)
            return name is not null && same.IsWhole && IsAnother(same, piece, ofIndex) ? New(index, hasOwnId: false) : same;
        if (id is not null && name is null) return Unfinished(ofIndex) ?? New(index);
        if (id is not null) return IsGoingOn(ofIndex, piece) ? ofIndex! : New(index);
        if (name is not null)
        {
            var open = index is null ? _slots.LastOrDefault() : ofIndex;
            if (open is null) return New(index);
            var isSame = (open.Name ?? name) == name ? !open.IsWhole || open.OnePiece == piece.Arguments
                : open is { Events: null, HasArguments: false } && !call.Tools.AreTwo(open.Name!, name);
            return isSame ? open : New(index);
        }
        if (piece is { Arguments.Length: 0, Extra.IsObject: true } && ofIndex is not null) return ofIndex;
        return Unfinished(ofIndex) ?? _slots.FindLast(slot => !slot.IsWhole) ?? _slots.LastOrDefault() ?? New(index);
    }

    /// <summary>Some make up another id for each piece of a call: what cannot begin arguments goes on with those that have begun.</summary>
    private static bool IsGoingOn(Slot? slot, Piece piece)
    {
        if (slot is not { IsWhole: false } || (slot.Name ?? piece.Name) != piece.Name) return false;
        if (slot.Id is null) return true;
        return piece.Arguments.Length > 0 && (!slot.HasArguments || !piece.Arguments.AsSpan().TrimStart().StartsWith("{"));
    }

    /// <summary>Some have one id for all their calls; some send a whole call once more at the end.</summary>
    private static bool IsAnother(Slot same, Piece piece, Slot? ofIndex) => same.Name != piece.Name
        || (piece.Index is not null && ofIndex is null)
        || (same.OnePiece is not null && piece.Arguments.Length > 0 && same.OnePiece != piece.Arguments);

    private static Slot? Unfinished(Slot? slot) => slot is { IsWhole: false } ? slot : null;

    private Slot New(int? index, bool hasOwnId = true)
    {
        if (_slots.Count == CallsMax)
            throw new UpstreamException(new UpstreamFault(FaultKind.TooLarge, $"It made more than {CallsMax} calls in one answer."));
        var slot = new Slot { Index = index, HasOwnId = hasOwnId };
        _slots.Add(slot);
        return slot;
    }

    private void Hold(Slot slot, string arguments)
    {
        call.Gather(sizeof(char) * (long)arguments.Length);
        slot.Early.Append(arguments);
    }

    private sealed class Slot
    {
        public int? Index { get; init; }
        public bool HasOwnId { get; init; }
        public string? Id { get; set; }
        public string? Name { get; set; }
        public CallEvents? Events { get; set; }
        public StringBuilder Early { get; } = new();
        public bool HasArguments { get; set; }
        public RawJson Extra { get; set; }

        /// <summary>The arguments where they came in one piece.</summary>
        public string? OnePiece { get; set; }
        public bool IsWhole => Events?.IsWhole == true;
    }

    /// <summary>What a piece says of itself; empty texts say nothing.</summary>
    private readonly record struct Piece(int? Index, string? Id, string? Name, string Arguments, RawJson Extra)
    {
        public static Piece Of(RawJson json, int? place)
        {
            var function = Function(json);
            var (id, name) = (Said(json.Text("id"u8)), Said(function.Text("name"u8)?.Trim()));
            return new Piece(json.Number("index"u8) ?? place, id, name, ArgumentsOf(function), json.Field("extra_content"u8));
        }

        private static string? Said(string? text) => text is { Length: > 0 } ? text : null;

        private static RawJson Function(RawJson json)
        {
            var inner = json.Field("function"u8);
            if (!inner.IsSet()) inner = json.Field("custom"u8);
            return inner.IsSet() ? inner : json; // its fields stand in the piece itself
        }

        /// <summary>As text, or as the object itself.</summary>
        private static string ArgumentsOf(RawJson function)
        {
            var arguments = function.Field("arguments"u8);
            if (!arguments.IsSet()) arguments = function.Field("input"u8);
            return arguments.IsSet() ? arguments.AsPiece() ?? arguments.ToString() : "";
        }
    }
}
