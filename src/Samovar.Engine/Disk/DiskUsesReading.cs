using Samovar.Engine.Sequences;

namespace Samovar.Engine.Disk;

/// <summary>Takes in what a journal says of the pieces that are there.</summary>
internal static class DiskUsesReading
{
    public static void Read(IEnumerable<JournalEntry> entries, DiskIndex index)
    {
        var owners = new Dictionary<long, StateOwner>();
        foreach (var entry in entries)
            switch (entry)
            {
                case JournalEntry.Owner owner:
                    owners[owner.Number] = index.Uses.Of(owner.Scope, owner.Id.Length == 0 ? null : owner.Id,
                        owners.GetValueOrDefault(owner.Before)?.Id, owner.Since);
                    break;
                case JournalEntry.Use use when owners.TryGetValue(use.Of, out var user):
                    if (index.Named(PieceHead.NameOf(use.EndHash, use.IsRows)) is { } piece) index.Uses.Note(piece, [user], use.Until);
                    break;
                case JournalEntry.Gone gone when owners.TryGetValue(gone.Of, out var left):
                    index.Uses.Forget(left.Scope, left.Id);
                    break;
            }
    }
}
