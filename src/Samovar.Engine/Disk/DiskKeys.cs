using System.Security.Cryptography;

namespace Samovar.Engine.Disk;

/// <summary>The keys of state files, all made of one of the server's.</summary>
internal sealed class DiskKeys
{
    private const int KeyBytes = 32;
    private readonly byte[] _bodies;

    public DiskKeys(byte[] secret)
    {
        Paths = Derive(secret, "samovar state paths"u8);
        Heads = Derive(secret, "samovar state heads"u8);
        _bodies = Derive(secret, "samovar state bodies"u8);
    }

    /// <summary>Hashes token paths: without it nobody can find out from a file's name what was said.</summary>
    public byte[] Paths { get; }

    /// <summary>Signs the heads of files.</summary>
    public byte[] Heads { get; }

    /// <summary>Encrypts one file; no two files have the same.</summary>
    public AesGcm Body(ReadOnlySpan<byte> salt)
    {
        Span<byte> key = stackalloc byte[KeyBytes];
        HKDF.Expand(HashAlgorithmName.SHA256, _bodies, key, salt);
        return new AesGcm(key, AesGcm.TagByteSizes.MaxSize);
    }

    private static byte[] Derive(byte[] secret, ReadOnlySpan<byte> use)
    {
        var key = new byte[KeyBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, key, [], use);
        return key;
    }
}

/// <summary>The keys that files may be of: the newest is the one that new files get.</summary>
internal sealed class DiskKeyRing
{
    /// <param name="secrets">The server's, the newest first.</param>
    public DiskKeyRing(IReadOnlyList<byte[]> secrets)
    {
        if (secrets.Count == 0) throw new ArgumentException("There is no key.", nameof(secrets));
        All = [.. secrets.Select(static secret => new DiskKeys(secret))];
    }

    public DiskKeys Newest => All[0];

    public IReadOnlyList<DiskKeys> All { get; }
}
