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
    private readonly int[] _tokens;
    private readonly List<UInt128> _steps = [];

    public PathHashes(DiskKeys keys, string scope, int[] tokens)
    {
        (Keys, _tokens) = (keys, tokens);
        _steps.Add(Hash(keys, Encoding.UTF8.GetBytes(scope)));
    }

    public DiskKeys Keys { get; }

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

    /// <summary>The hash of a path that is known up to a multiple, where fewer than the next multiple's tokens follow.</summary>
    public static UInt128 Behind(DiskKeys keys, UInt128 step, ReadOnlySpan<int> tokens)
    {
        if (tokens.IsEmpty) return step;
        Span<byte> bytes = stackalloc byte[16 + StepTokens * sizeof(int)];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, step);
        MemoryMarshal.AsBytes(tokens).CopyTo(bytes[16..]);
        return Hash(keys, bytes[..(16 + tokens.Length * sizeof(int))]);
    }

    private UInt128 Hash(UInt128 before, int from, int to) => Behind(Keys, before, _tokens.AsSpan(from..to));

    private static UInt128 Hash(DiskKeys keys, ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(keys.Paths, bytes, hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}

/// <summary>A prompt's hashes under each key that files here are of.</summary>
internal sealed class PromptHashes(string scope, int[] tokens)
{
    private readonly Dictionary<DiskKeys, PathHashes> _hashes = [];

    public ReadOnlySpan<int> Tokens => tokens;

    public int Length => tokens.Length;

    public PathHashes Under(DiskKeys keys)
    {
        if (!_hashes.TryGetValue(keys, out var hashes)) _hashes[keys] = hashes = new PathHashes(keys, scope, tokens);
        return hashes;
    }
}
