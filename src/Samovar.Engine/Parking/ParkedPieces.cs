using Samovar.Engine.Sequences;

namespace Samovar.Engine.Parking;

/// <summary>What an order is told of a segment's piece.</summary>
internal sealed class ParkedPieces(IParkedOrder order, bool hasCheckpoints)
{
    public ParkedPiece Of(Segment segment) => (segment.Checkpoint is { } kept
        ? new ParkedPiece(kept.Kind, kept.Bytes, Saved(segment), kept.LastUsed, segment.Pins > 0, kept.IsSuperseded, IsUseless: false)
        : new ParkedPiece(null, segment.Rows?.Bytes ?? 0, segment.Tokens.Length, segment.LastUsed, segment.Pins > 0, IsSuperseded: false,
            IsUseless: hasCheckpoints)) with
        {
            End = segment.End, Users = segment.Users, UsedAt = segment.Note?.At, Ending = segment.Note?.Ending ?? default,
        };

    /// <summary>Tokens that are computed again where a checkpoint is missing: back to one in front of it.</summary>
    public int Saved(Segment segment)
    {
        var before = segment.Parent;
        while (before is { Parent: not null } && (before.Checkpoint is not { } kept || !order.Leans(kept.Kind))) before = before.Parent;
        return segment.End - (before?.End ?? 0);
    }

    /// <summary>The bytes that must stay for these. Rows stay with all rows in front of them; a checkpoint that is all of the state stays
    /// alone.</summary>
    public static long Staying(params ReadOnlySpan<Segment?> needed)
    {
        var paths = new HashSet<Segment>();
        var ends = new HashSet<Segment>();
        foreach (var end in needed)
        {
            if (end is not null) ends.Add(end);
            for (var at = end; at is not null && (at.Rows is not null || ReferenceEquals(at, end)); at = at.Parent) paths.Add(at);
        }
        return paths.Sum(segment => segment.Rows?.Bytes ?? 0) + ends.Sum(segment => segment.Checkpoint?.Bytes ?? 0);
    }
}
