using Samovar.Engine.Sequences;

namespace Samovar.Engine.Parking;

/// <summary>Says which idle stream is taken for a turn that has none of its own: the one whose content is worth least there.</summary>
/// <remarks>All streams are equally large, whatever they hold: what counts is what one saves and how soon. Bringing it back from host
/// memory takes longer the longer it is, too, so its whole length counts. There are as few of them as turns that run at once.</remarks>
internal sealed class StreamVictims(StreamTable streams, IParkedOrder order)
{
    /// <summary>An empty one before all; null where none is idle.</summary>
    public StreamSlot? Next()
    {
        order.Look();
        var (least, worth) = ((StreamSlot?)null, ParkedRank.Highest);
        foreach (var slot in streams.Slots)
        {
            if (!slot.IsIdle) continue;
            if (slot.Leaf is not { } leaf || slot.Length == 0) return slot;
            var rank = order.RankOf(PieceOf(slot, leaf));
            if (least is null || rank.CompareTo(worth) is var than && (than < 0 || (than == 0 && slot.LastUsed < least.LastUsed)))
                (least, worth) = (slot, rank);
        }
        return least;
    }

    private static ParkedPiece PieceOf(StreamSlot slot, Segment leaf) =>
        new(null, Bytes: 1, slot.Length, slot.LastUsed, leaf.Pins > 0, IsSuperseded: false, IsUseless: false)
        {
            End = slot.Length, Users = leaf.Users, UsedAt = leaf.Note?.At, Ending = leaf.Note?.Ending ?? default,
        };
}
