using System.Runtime.InteropServices;
using Samovar.Engine.Native;

namespace Samovar.Engine.Parking;

/// <summary>Says which piece of parked state goes next when room is needed.</summary>
internal interface IParkedOrder
{
    /// <summary>When it last looked at the clock: until it does again, nothing is worth more or less for that.</summary>
    TimeSpan Now { get; }

    /// <summary>Looks at the clock.</summary>
    void Look();

    /// <summary>Rises when pieces are worth something else that nobody has touched.</summary>
    int Version { get; }

    /// <summary>What a piece is worth now: the least goes first.</summary>
    ParkedRank RankOf(in ParkedPiece piece);

    /// <summary>Until when that stays so, if nothing happens to the piece.</summary>
    TimeSpan RankedUntil(in ParkedPiece piece);

    /// <summary>Whether a place is worth less where there is one of such a kind in front of it.</summary>
    bool Leans(MarkKind kind);

    /// <summary>A turn went on from the end of such a place.</summary>
    void NoteUse(MarkKind kind);
}

/// <summary>A piece of parked state that can be given up by itself.</summary>
/// <param name="Kind">What its place is; null for rows that need no checkpoint.</param>
/// <param name="Bytes">What it takes.</param>
/// <param name="Tokens">Prompt tokens that would have to be computed again without it.</param>
/// <param name="LastUsed">The engine's turn count when it was last used.</param>
/// <param name="IsPinned">Whether a chain says that it wants to go on there.</param>
/// <param name="IsSuperseded">Whether its chain has a newer one of its kind.</param>
/// <param name="IsUseless">Whether nobody could go on from it.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ParkedPiece(
    MarkKind? Kind, long Bytes, int Tokens, long LastUsed, bool IsPinned, bool IsSuperseded, bool IsUseless)
{
    /// <summary>Tokens from the beginning to its end.</summary>
    public int End { get; init; }

    /// <summary>Chains whose newest turn stands on it.</summary>
    public int Users { get; init; }

    /// <summary>When the last turn that used it ended; null while that is still running.</summary>
    public TimeSpan? UsedAt { get; init; }

    /// <summary>How that turn ended.</summary>
    public TurnEnding Ending { get; init; }
}

/// <summary>What a piece is worth: first by tier, then by score.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ParkedRank(int Tier, double Score) : IComparable<ParkedRank>
{
    /// <summary>Tiers are counted from 0.</summary>
    public const int Tiers = 6;

    /// <summary>What is kept for those who will begin with it goes after all else.</summary>
    public static readonly ParkedRank Kept = new(Tiers - 1, 0);

    /// <summary>Above all that nobody asked to keep.</summary>
    public static readonly ParkedRank BelowKept = new(Tiers - 1, double.NegativeInfinity);

    /// <summary>Above all pieces.</summary>
    public static readonly ParkedRank Highest = new(int.MaxValue, 0);

    public int CompareTo(ParkedRank other) => Tier != other.Tier ? Tier.CompareTo(other.Tier) : Score.CompareTo(other.Score);
}
