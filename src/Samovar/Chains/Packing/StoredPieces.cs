using System.Security.Cryptography;
using Samovar.Stores;

namespace Samovar.Chains.Packing;

/// <summary>The large parts of one response that are stored once for all responses of a tenant, in the order in which its body names
/// them.</summary>
internal sealed class StoredPieces
{
    /// <summary>Shorter ones are cheaper where they stand: a piece costs a row, and its name in the body.</summary>
    public const int BytesMin = 512;
    private const byte Version = 1;

    private readonly List<ContentPiece> _pieces = [];

    public IReadOnlyList<ContentPiece> Pieces => _pieces;

    /// <summary>Keeps a part beside the body.</summary>
    /// <returns>Its place.</returns>
    public int Add(ReadOnlySpan<byte> part)
    {
        var packed = Squeezed.Pack(part, Version);
        _pieces.Add(new ContentPiece(Convert.ToHexStringLower(SHA256.HashData(packed)), packed));
        return _pieces.Count - 1;
    }

    /// <summary>A part as it was, in memory of its own.</summary>
    public static byte[] Read(IReadOnlyList<ContentPiece> pieces, int at)
    {
        if (at >= pieces.Count) throw new InvalidDataException("a part of it is missing");
        var rented = Squeezed.Unpack(pieces[at].Bytes.Span, Version, out var length);
        try
        {
            return rented[..length];
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
