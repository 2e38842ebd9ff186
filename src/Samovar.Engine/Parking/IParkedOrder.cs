using System.Runtime.InteropServices;

namespace Samovar.Engine.Parking;

/// <summary>Says which piece of parked state goes next when room is needed.</summary>
internal interface IParkedOrder
{
    /// <summary>What a piece is worth: the least goes first.</summary>
    ParkedRank RankOf(in ParkedPiece piece);

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
    MarkKind? Kind, long Bytes, int Tokens, long LastUsed, bool IsPinned, bool IsSuperseded, bool IsUseless);

/// <summary>What a piece is worth: first by tier, then by score.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ParkedRank(int Tier, double Score) : IComparable<ParkedRank>
{
    /// <summary>Above all pieces.</summary>
    public static readonly ParkedRank Highest = new(int.MaxValue, 0);

    public int CompareTo(ParkedRank other) => Tier != other.Tier ? Tier.CompareTo(other.Tier) : Score.CompareTo(other.Score);
}
