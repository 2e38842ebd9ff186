using Samovar.Engine.Retention;
using Samovar.Engine.Sequences;

namespace Samovar.Engine.Parking;

/// <summary>What a retention policy finds worth least goes first.</summary>
/// <remarks>
/// 1 what nobody could go on from, and what is final; 2 what no chain's newest turn stands on, checkpoints that their chains have left
/// behind, and places on the way through a prompt; 3 the others, by the policy. A start that was marked as such has a user even where
/// nobody stands on it: the next conversation. Computing a place again that is hardly ever gone back to counts as a part of the time.
/// </remarks>
internal sealed class PolicyOrder(IRetentionPolicy policy, PrefillMeter prefill, TurnClock clock) : IParkedOrder
{
    private const int Useless = 0, LeftBehind = 1, Wanted = 2;
    private readonly PlaceUses _uses = new();

    public TimeSpan Now { get; private set; }

    public void Look() => Now = clock.Now;

    public int Version => _uses.Version + prefill.Version;

    public ParkedRank RankOf(in ParkedPiece piece)
    {
        if (piece.IsUseless) return new ParkedRank(Useless, piece.LastUsed);
        var state = StateOf(piece);
        var worth = policy.Worth(state, Now);
        return new ParkedRank(double.IsNegativeInfinity(worth) ? Useless : state.IsSuperseded ? LeftBehind : Wanted, worth);
    }

    public TimeSpan RankedUntil(in ParkedPiece piece) =>
        piece.IsUseless || piece.UsedAt is null ? TimeSpan.MaxValue : policy.WorthUntil(StateOf(piece), Now);

    // A conversation's older places go when it has newer ones: that they are still there makes a newer one worth no less.
    public bool Leans(MarkKind kind) => kind is MarkKind.StableStart or MarkKind.Branch;

    public void NoteUse(MarkKind kind) => _uses.Note(kind);

    private HeldState StateOf(in ParkedPiece piece) => StateOf(piece, UsersOf(piece));

    private HeldState StateOf(in ParkedPiece piece, int users) => new()
    {
        Bytes = Math.Max(1, piece.Bytes),
        RecomputeSeconds = prefill.Cost.Seconds(piece.End - piece.Tokens, piece.End) * (piece.Kind is { } kind ? _uses.ShareOf(kind) : 1),
        LastUsed = piece.UsedAt ?? Now,
        Ending = users > 0 && piece.Ending.Stop == StopKind.Final ? default : piece.Ending, // final for one of several
        Users = users,
    };

    private static int UsersOf(in ParkedPiece piece) => piece switch
    {
        { Kind: MarkKind.StableStart or MarkKind.Branch } => Math.Max(1, piece.Users),
        { IsSuperseded: true } or { Kind: MarkKind.Interval } => 0,
        { UsedAt: null } => Math.Max(1, piece.Users), // whose turn still runs
        _ => piece.Users,
    };
}
