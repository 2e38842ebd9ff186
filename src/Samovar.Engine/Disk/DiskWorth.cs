using Samovar.Engine.Retention;
using Samovar.Engine.Sequences;

namespace Samovar.Engine.Disk;

/// <summary>What a file is worth, by the engine's retention policy: it says the same of state wherever that lies.</summary>
/// <param name="policy">Safe for all threads.</param>
/// <param name="prefill">What computing takes.</param>
/// <param name="needsPoints">Whether rows are of use only behind a checkpoint.</param>
internal sealed class DiskWorth(IRetentionPolicy policy, PrefillMeter prefill, bool needsPoints, TimeProvider time)
{
    private const int UsersMax = 256; // are counted: files with more are worth much alike, and all wait while it is counted
    private readonly DateTime _origin = time.GetUtcNow().UtcDateTime;

    public TimeSpan Now => time.GetUtcNow().UtcDateTime - _origin;

    /// <summary>What it is worth now, and until when that stays so if nobody uses it.</summary>
    public (double Worth, TimeSpan Until) Of(DiskPiece piece)
    {
        if (piece.Head.IsRows && needsPoints) return (double.MinValue, TimeSpan.MaxValue); // no checkpoint is left behind them
        var state = new HeldState
        {
            Bytes = piece.Head.FileBytes,
            RecomputeSeconds = prefill.Cost.Seconds(piece.Head.Start, piece.Head.End),
            LastUsed = piece.LastUsed - _origin,
            Ending = piece.Ending,
            Users = UsersOf(piece),
        };
        var now = Now;
        return (policy.Worth(state, now), policy.WorthUntil(state, now));
    }

    /// <summary>A start or a branch has the next conversation for a user, as in memory.</summary>
    private static int UsersOf(DiskPiece piece)
    {
        var newest = 0;
        foreach (var owner in piece.Users.Keys.Take(UsersMax))
            if (owner.IsNewest) newest++;
        return piece.Head.Kind is MarkKind.StableStart or MarkKind.Branch ? Math.Max(1, newest) : newest;
    }
}
