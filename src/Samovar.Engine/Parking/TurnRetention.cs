using Samovar.Engine.Retention;
using Samovar.Engine.Sequences;

namespace Samovar.Engine.Parking;

/// <summary>Tells the retention policy how turns ended and which conversations came back, and parked state what that means for it. The
/// engine's thread only.</summary>
/// <remarks>
/// Of a path only those pieces are ranked that could go and are worth something else now: however long it is, these are a few. A place
/// that its chain has left behind keeps the time at which it did.
/// </remarks>
internal sealed class TurnRetention(IRetentionPolicy policy, ParkedStore store, PinHome pins, TurnClock clock)
{
    /// <summary>A turn has ended; why, its owner says soon, if ever.</summary>
    /// <param name="end">Where its state ends.</param>
    /// <param name="isCancelled">Whether it was ended before its time.</param>
    /// <param name="isBackground">Whether it computed for a conversation that waits: then it waits on as it did.</param>
    public TurnNote Ended(Segment? end, bool isCancelled, bool isBackground)
    {
        var waiting = isBackground ? end : null;
        while (waiting is { Note: null, Parent: { } parent }) waiting = parent;
        var note = waiting?.Note ?? new TurnNote(clock.Now)
        {
            Ending = new TurnEnding(isCancelled ? StopKind.Cancelled : StopKind.Unknown),
        };
        for (var at = end; at is { Parent: not null } && !ReferenceEquals(at, waiting); at = at.Parent)
        {
            if (at is { Note: not null, Checkpoint.IsSuperseded: true }) continue;
            at.Note = note;
            if (ParkedStore.CouldGo(at)) store.Rank(at);
        }
        return note;
    }

    /// <summary>A turn's owner has said why it ended.</summary>
    public void Said(HeldPath pin)
    {
        if (pin is not { Note: { } note, Segment: { } end }) return;
        (note.Ending, note.IsAwaited) = (pin.Ending, true);
        policy.Ended(pin.Ending, note.At);
        if (pin.Ending.Stop == StopKind.Final) pins.LetGo(pin, isOver: true); // it may be dropped much later
        for (var at = end; at is { Parent: not null }; at = at.Parent)
            if (ReferenceEquals(at.Note, note) && ParkedStore.CouldGo(at)) store.Rank(at);
        if (pin.Ending.Stop == StopKind.Final) store.EvictFinal(end, note);
    }

    /// <summary>A turn has come that goes on from another one's end.</summary>
    /// <param name="before">What that left.</param>
    /// <param name="at">When it came.</param>
    public void Returned(HeldPath? before, long at)
    {
        if (before is not { Note: { IsAwaited: true } note } || !ReferenceEquals(before.Home, pins)) return;
        note.IsAwaited = false; // a fork of it is no return
        policy.Returned(note.Ending, note.At, clock.At(at));
    }
}
