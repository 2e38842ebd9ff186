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
/// where that one is not whole, else to the newest: some count the pieces. A call without a name is never told: it waits for it.
/// </remarks>
internal sealed class ChatCalls(UpstreamCall call, ChatOutput output)
{
    private readonly List<Slot> _slots = [];

    /// <summary>One element of <c>tool_calls</c>, or a legacy <c>function_call</c>.</summary>
    /// <param name="place">Where it stands in a whole message; null in a delta.</param>
    public void Read(RawJson piece, int? place, List<BackendEvent> events)
    {
        var function = Function(piece);
        var name = function.Text("name"u8) is { Length: > 0 } named ? named : null;
        var id = piece.Text("id"u8) is { Length: > 0 } given ? given : null;
        var slot = Find(piece.Number("index"u8) ?? place, id, name);
        slot.Id ??= id;
        slot.Name ??= name;
        if (slot.Telling is null && slot.Name is { } known)
        {
            slot.Telling = output.Begin(known, slot.HasOwnId ? slot.Id : null, events);
            if (slot.Early.Length > 0) output.More(slot.Telling, slot.Early.ToString(), events);
        }
        if (Arguments(function) is not { Length: > 0 } arguments) return;
        if (slot.Telling is not null) output.More(slot.Telling, arguments, events);
        else Hold(slot, arguments);
    }

    /// <exception cref="UpstreamException">A call has arguments and no name: nobody could run it.</exception>
    public void End(bool isCut)
    {
        if (!isCut && _slots.Exists(slot => slot.Telling is null && !string.IsNullOrWhiteSpace(slot.Early.ToString())))
            throw new UpstreamException(new UpstreamFault(FaultKind.Malformed, "The upstream sent a call without a name."));
    }

    private static RawJson Function(RawJson piece)
    {
        foreach (var field in (ReadOnlySpan<string>)["function", "custom"])
            if (piece.Field(Encoding.UTF8.GetBytes(field)) is var inner && inner.IsSet()) return inner;
        return piece; // its fields stand in the piece itself
    }

    /// <summary>As text, or as the object itself.</summary>
    private static string? Arguments(RawJson function)
    {
        var arguments = function.Field("arguments"u8);
        if (!arguments.IsSet()) arguments = function.Field("input"u8);
        return arguments.IsSet() ? arguments.AsText() ?? arguments.ToString() : null;
    }

    private Slot Find(int? index, string? id, string? name)
    {
        var ofIndex = index is null ? null : _slots.FindLast(slot => slot.Index == index);
        if (id is not null && _slots.FindLast(slot => slot.Id == id) is { } same)
        {
            var isAnother = name is not null && index is not null && ofIndex is null && same.IsWhole; // one id for all calls
            return isAnother ? New(index, hasOwnId: false) : same;
        }
        if (id is not null && name is null) return Unfinished(ofIndex) ?? Unfinished(_slots.LastOrDefault()) ?? New(index);
        if (id is not null) return ofIndex is { Id: null, IsWhole: false } && (ofIndex.Name ?? name) == name ? ofIndex : New(index);
        if (name is not null)
            return Unfinished(index is null ? _slots.LastOrDefault() : ofIndex) is { } open && (open.Name ?? name) == name ? open : New(index);
        return Unfinished(ofIndex) ?? _slots.FindLast(slot => !slot.IsWhole) ?? _slots.LastOrDefault() ?? New(index);
    }

    private static Slot? Unfinished(Slot? slot) => slot is { IsWhole: false } ? slot : null;

    private Slot New(int? index, bool hasOwnId = true)
    {
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
        public CallTelling? Telling { get; set; }
        public StringBuilder Early { get; } = new();
        public bool IsWhole => Telling?.IsWhole == true;
    }
}
