using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Samovar.Engine.Disk;

/// <summary>Hashes of a namespace's token path at any place of it; they depend on the tokens in front of it alone.</summary>
/// <remarks>At each multiple of <see cref="StepTokens"/> the hash takes in the one before, so a place costs one step.</remarks>
internal sealed class PathHashes
{
    public const int StepTokens = 256;
    private readonly byte[] _key;
    private readonly int[] _tokens;
    private readonly List<UInt128> _steps = [];

    public PathHashes(DiskKeys keys, string scope, int[] tokens)
    {
        (_key, _tokens) = (keys.Paths, tokens);
        _steps.Add(Hash(Encoding.UTF8.GetBytes(scope)));
    }

    public ReadOnlySpan<int> Tokens => _tokens;

    public int Length => _tokens.Length;

    /// <summary>The last multiple in front of a place: its hash is the place's head.</summary>
    public static int StepBefore(int position) => position <= 0 ? 0 : (position - 1) / StepTokens * StepTokens;

    public UInt128 At(int position)
    {
        var steps = position / StepTokens;
        while (_steps.Count <= steps) _steps.Add(Hash(_steps[^1], (_steps.Count - 1) * StepTokens, _steps.Count * StepTokens));
        return position % StepTokens == 0 ? _steps[steps] : Hash(_steps[steps], steps * StepTokens, position);
    }

    private UInt128 Hash(UInt128 before, int from, int to)
    {
        Span<byte> bytes = stackalloc byte[16 + StepTokens * sizeof(int)];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, before);
        MemoryMarshal.AsBytes(_tokens.AsSpan(from..to)).CopyTo(bytes[16..]);
        return Hash(bytes[..(16 + (to - from) * sizeof(int))]);
    }

    private UInt128 Hash(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, bytes, hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}
