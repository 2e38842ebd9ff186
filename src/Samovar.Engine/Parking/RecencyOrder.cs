namespace Samovar.Engine.Parking;

/// <summary>What was used longest ago goes first; of checkpoints those first that their chains have left behind.</summary>
/// <remarks>
/// 1 what nobody could go on from; 2 checkpoints with a newer one of their kind behind them, and places on the way through a prompt; 3
/// those of kinds that are hardly ever gone back to; 4 the others. Of equal ones recency decides, and a checkpoint that saves more tokens
/// per byte counts as used a little later.
/// </remarks>
internal sealed class RecencyOrder : IParkedOrder
{
    private const int Useless = 0, LeftBehind = 1, Unlikely = 2, Likely = 3, Pinned = 4;
    private const double TurnsPerSaving = 4;         // a saving of so many
    private const double TokensPerKibibyte = 8;      // tokens per KiB counts as so many turns
    private const double SavingMax = 2;
    private readonly PlaceUses _uses = new();

    public TimeSpan Now => TimeSpan.Zero; // turns are its clock

    public void Look()
    {
    }

    public int Version => _uses.Version;

    public ParkedRank RankOf(in ParkedPiece piece)
    {
        if (piece.IsUseless) return new ParkedRank(Useless, piece.LastUsed);
        if (piece.Kind is not { } kind) return new ParkedRank(piece.IsPinned ? Pinned : Likely, piece.LastUsed);
        var saving = Math.Min(SavingMax, piece.Tokens / Math.Max(1, piece.Bytes / 1024.0) / TokensPerKibibyte);
        return new ParkedRank(TierOf(piece, kind), piece.LastUsed + saving * TurnsPerSaving);
    }

    public TimeSpan RankedUntil(in ParkedPiece piece) => TimeSpan.MaxValue;

    public bool Leans(MarkKind kind) => true;

    public void NoteUse(MarkKind kind) => _uses.Note(kind);

    private int TierOf(in ParkedPiece piece, MarkKind kind) =>
        piece.IsSuperseded || kind == MarkKind.Interval ? LeftBehind
        : kind == MarkKind.TurnEnd && !piece.IsPinned ? Unlikely
        : _uses.IsLikely(kind) ? Likely : Unlikely;
}
